using System.Text.Json;
using System.Text.Json.Nodes;
using Gantry.Engine;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs.Drivers;
using Gantry.Engine.Planning;
using Gantry.Engine.Volumes;
using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;

namespace Gantry.Tests.Unit.Compat;

/// <summary>A create body for each field of a container's description, with a value that Docker accepts: what the engine says to it.</summary>
internal sealed class CreateSamples
{
    private static readonly HostFacts _facts = new()
    {
        Cgroups = CgroupLayout.V1,
        Processors = 2,
        Limits = new LimitSupport { Swappiness = true, OomKillDisable = true, CpuRealtime = true },
        Init = true,
        KernelVersion = new Version(6, 18),
    };

    private static readonly EngineOptions _options = new() { RuntimeBinary = "/gantry-runtime" };

    private readonly JsonObject _bodies = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Unit/Compat/samples.json")))!.AsObject();

    /// <summary>The fields that have a sample, as in <c>HostConfig.Memory</c>.</summary>
    public IEnumerable<string> Fields => _bodies.Select(static body => body.Key);

    public bool Has(string field) => _bodies.ContainsKey(field);

    /// <summary>The sentence with which the engine refuses the field; null when it takes it.</summary>
    public string? Refusal(string field)
    {
        var request = ApiJson.Read<ContainerCreateRequest>(_bodies[field]!.ToJsonString())!;
        var config = (request.Config ?? new ContainerConfig()) with { Image = "busybox" };
        var host = SpecDefaults.Complete(request.HostConfig ?? new HostConfig(), _facts, _options);
        List<string> problems = [.. CreateValidator.Problems(config, host, _facts)];
        var donor = new Dictionary<string, IReadOnlyList<MountPoint>> { ["donor"] = [] };
        MountParser.Parse(config, host, donor, problems);
        Collect(() => LogDriver.Check(host.LogConfig), problems);
        Collect(() => CreateContainer.CheckNetwork(host, request.NetworkingConfig, hasIPv6: false), problems);
        return problems.Count == 0 ? null : string.Join(' ', problems.Distinct());
    }

    private static void Collect(Action check, List<string> problems)
    {
        try
        {
            check();
        }
        catch (GantryException refused)
        {
            problems.Add(refused.Message);
        }
    }
}

using System.Text.RegularExpressions;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Crash;

/// <summary>What one engine has in the kernel and on disk, beside what it says that it has.</summary>
/// <remarks>Each difference is a sentence. What the engine frees in the background may be there a moment longer: ask again.</remarks>
/// <param name="engine">The engine.</param>
/// <param name="cgroup">Its control groups' parent, as <c>--cgroup-parent</c> named it, without the slash.</param>
internal sealed partial class EngineTraces(EngineFixture engine, string cgroup)
{
    private const int MostSpare = 8;

    private readonly HashSet<string> _mountsBefore = [.. Mounts(engine)];

    /// <summary>Everything that is there without an owner, or missing with one.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        var rows = (await engine.GantryAsync("ps", "-aq", "--no-trunc")).Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var details = rows.Length == 0 ? [] : (await engine.GantryAsync(["inspect", "--format", "{{.Id}} {{.State.Status}} {{.State.Pid}} {{.NetworkSettings.IPAddress}}", .. rows])).Succeeded()
            .Text.Split('\n').Select(line => line.Split(' ')).ToArray();
        var up = details.Where(row => row[1] is "running" or "paused").ToArray();
        var problems = new List<string>();

        Same("directories of containers", Names("data/containers"), rows);
        Same("snapshots", Names("data/snapshots"), rows);
        Same("run-time directories", Names("exec/containers"), up.Select(row => row[0]));
        problems.AddRange(up.Where(row => !Directory.Exists($"/proc/{row[2]}")).Select(row => $"container {row[0]} is {row[1]}, but its process {row[2]} is not there"));
        foreach (var parent in Cgroups())
            Same($"control groups in {parent}", Directory.GetDirectories(parent).Select(Path.GetFileName)!, up.Select(row => row[0]));
        problems.AddRange(Mounts(engine).Where(mount => !_mountsBefore.Contains(mount)).Select(mount => $"mount {mount} is left"));
        await CheckNetworkAsync([.. up.Select(row => row.ElementAtOrDefault(3)).OfType<string>().Where(address => address.Length > 0)], problems);
        return problems;

        void Same(string what, IEnumerable<string> there, IEnumerable<string> wanted)
        {
            var (left, right) = (there.ToHashSet(), wanted.ToHashSet());
            problems.AddRange(left.Except(right).Select(name => $"{what}: {name} has no owner"));
            problems.AddRange(right.Except(left).Select(name => $"{what}: {name} is missing"));
        }
    }

    private async Task CheckNetworkAsync(string[] addresses, List<string> problems)
    {
        var bridge = (await engine.DockerAsync("network", "inspect", "bridge", "--format", "{{index .Options \"com.docker.network.bridge.name\"}} {{(index .IPAM.Config 0).Subnet}}")).Succeeded().Text.Split(' ');
        var ports = (await Command.RunAsync("ip", ["-o", "link", "show", "master", bridge[0]])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        if (ports < addresses.Length || ports > addresses.Length + MostSpare)
            problems.Add($"bridge {bridge[0]} has {ports} interfaces for {addresses.Length} containers");
        var prefix = bridge[1][..(bridge[1].LastIndexOf('.') + 1)];
        var rules = (await Command.RunAsync("nft", ["list", "table", "ip", bridge[0].Replace("gantry", "gantry_", StringComparison.Ordinal)])).Succeeded().Output;
        var published = Address().Matches(rules).Select(match => match.Value).Where(address => address.StartsWith(prefix, StringComparison.Ordinal) && address != prefix + "0");
        problems.AddRange(published.Except(addresses).Distinct().Select(address => $"a port is published to {address}, where no container is"));
    }

    private string[] Names(string folder)
    {
        var path = Path.Combine(engine.Root, folder);
        return Directory.Exists(path) ? [.. Directory.GetDirectories(path).Select(directory => Path.GetFileName(directory)!)] : [];
    }

    private IEnumerable<string> Cgroups() => Directory.GetDirectories("/sys/fs/cgroup").Select(hierarchy => Path.Combine(hierarchy, cgroup)).Where(Directory.Exists);

    private static IEnumerable<string> Mounts(EngineFixture engine) =>
        File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(engine.Root, StringComparison.Ordinal)).Select(line => line.Split(' ')[4]);

    [GeneratedRegex(@"\d+\.\d+\.\d+\.\d+")]
    private static partial Regex Address();
}

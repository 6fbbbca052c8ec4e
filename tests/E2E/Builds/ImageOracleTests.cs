using System.Text.Json.Nodes;
using Gantry.Tests.E2E.Oracle;
using Gantry.Tests.Support;
using Gantry.Tests.Support.Peers;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>
/// The same Dockerfiles built by dockerd 26.1 with buildx and by gantryd: the images say the same of themselves, tell the same
/// history and hold the same files, layer by layer, apart from what excuses.txt gives a reason for.
/// </summary>
public sealed class ImageOracleTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Bip = "10.215.8.1/24";

    private readonly Excuses _excuses = new("tests/E2E/Builds/excuses.txt");
    private readonly List<Difference> _differences = [];
    private EngineFixture _engine = null!;
    private Dockerd _dockerd = null!;
    private DockerPlugins _plugins = null!;
    private ServedFiles _served = null!;
    private string _root = null!;

    public async ValueTask InitializeAsync()
    {
        _root = Directory.CreateTempSubdirectory("builds-").FullName;
        _plugins = await DockerPlugins.CreateAsync();
        _engine = await EngineFixture.StartAsync("--bip", Bip);
        _dockerd = await Dockerd.StartAsync(Bip);
        var archive = Path.Combine(_root, "busybox.tar");
        await using (var registry = await RegistryFixture.StartAsync("busybox"))
            (await Command.RunAsync("skopeo", ["copy", "--quiet", "--src-tls-verify=false", $"docker://127.0.0.1:{registry.Port}/library/busybox", $"docker-archive:{archive}:busybox:latest"])).Succeeded();
        foreach (var host in Hosts)
            (await DockerAsync(host, "load", "--input", archive)).Succeeded();
        _served = await ServedFiles.StartAsync(Path.Combine(_root, "served"), _dockerd.Pid);
    }

    public async ValueTask DisposeAsync()
    {
        // Each is missing when it did not start.
        _served?.Dispose();
        if (_dockerd is { } dockerd)
            await dockerd.DisposeAsync();
        if (_engine is { } engine)
            await engine.DisposeAsync();
        _plugins?.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task TheSameDockerfilesMakeTheSameImages()
    {
        var cases = BuildCase.ReadAll();
        foreach (var build in cases)
            await CompareAsync(build);
        var unexcused = _differences.Where(difference => !_excuses.Cover(difference)).ToList();
        output.WriteLine($"{cases.Count} builds, {_differences.Count} differences, {unexcused.Count} without an excuse");
        string[] faults = [.. unexcused.Select(static d => $"not as in dockerd: {d}"), .. _excuses.Unused.Select(static line => $"excuses nothing: {line}")];
        Assert.True(cases.Count >= 60, "too few builds to say anything");
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    private string[] Hosts => [$"unix://{_dockerd.Socket}", _engine.Host];

    private async Task CompareAsync(BuildCase build)
    {
        var context = Path.Combine(_root, build.Name);
        var options = await build.WriteAsync(context, _served.Url);
        var tag = $"case-{build.Name}";
        (await DockerAsync(Hosts[0], ["buildx", "build", "--quiet", "--provenance=false", "--tag", tag, .. options, context])).Succeeded();
        var archive = Path.Combine(_root, "gantry.tar");
        var built = await _engine.GantryAsync(["build", "--output", $"type=docker,dest={archive}", "--tag", tag, .. options, context]);
        if (built.ExitCode != 0)
        {
            _differences.Add(new(build.Name, "build", "succeeds", built.Error));
            return;
        }
        var (docker, gantry) = (await SaveAsync(tag), new SavedImage(archive));
        CompareConfigurations(build.Name, docker.Configuration, gantry.Configuration);
        CompareHistories(build.Name, docker.Configuration["history"]!.AsArray(), gantry.Configuration["history"]!.AsArray());
        CompareLayers(build.Name, docker.Layers, gantry.Layers);
        Directory.Delete(context, recursive: true);
        File.Delete(archive);
    }

    private async Task<SavedImage> SaveAsync(string tag)
    {
        var archive = Path.Combine(_root, "docker.tar");
        (await DockerAsync(Hosts[0], "save", "--output", archive, tag)).Succeeded();
        return new(archive);
    }

    private Task<CommandResult> DockerAsync(string host, params string[] arguments) =>
        Command.RunAsync("docker", ["--host", host, .. arguments], environment: new Dictionary<string, string?> { ["DOCKER_CONFIG"] = _plugins.Folder });

    private void CompareConfigurations(string name, JsonObject docker, JsonObject gantry)
    {
        Compare(name, "", docker, gantry, static key => key is not ("config" or "history" or "rootfs" or "created"));
        Compare(name, "config.", docker["config"]!.AsObject(), gantry["config"]!.AsObject(), static _ => true);
    }

    private void Compare(string name, string place, JsonObject docker, JsonObject gantry, Func<string, bool> counts)
    {
        foreach (var key in docker.Select(static member => member.Key).Union(gantry.Select(static member => member.Key)).Where(counts))
        {
            if (!JsonNode.DeepEquals(docker[key], gantry[key]))
                Compare(name, place + key, docker[key]?.ToJsonString(), gantry[key]?.ToJsonString());
        }
    }

    private void CompareHistories(string name, JsonArray docker, JsonArray gantry)
    {
        Compare(name, "history.count", $"{docker.Count}", $"{gantry.Count}");
        foreach (var (left, right) in docker.Zip(gantry))
        {
            var instruction = left!["created_by"]?.GetValue<string>().Split(' ')[0];
            foreach (var key in (string[])["created_by", "empty_layer", "comment", "author"])
                Compare(name, $"history.{instruction}.{key}", left[key]?.ToJsonString(), right![key]?.ToJsonString());
        }
    }

    private void CompareLayers(string name, IReadOnlyList<IReadOnlyDictionary<string, string>> docker, IReadOnlyList<IReadOnlyDictionary<string, string>> gantry)
    {
        Compare(name, "layers.count", $"{docker.Count}", $"{gantry.Count}");
        foreach (var (number, (left, right)) in docker.Zip(gantry).Index())
        {
            foreach (var path in left.Keys.Union(right.Keys))
            {
                // Missing, superfluous or different: excuses tell them apart.
                var kind = !right.ContainsKey(path) ? "less" : !left.ContainsKey(path) ? "more" : "other";
                Compare(name, $"layer{number}.{kind}:{path}", left.GetValueOrDefault(path), right.GetValueOrDefault(path));
            }
        }
    }

    private void Compare(string name, string place, string? docker, string? gantry)
    {
        if (docker != gantry)
            _differences.Add(new(name, place, docker ?? "absent", gantry ?? "absent"));
    }
}

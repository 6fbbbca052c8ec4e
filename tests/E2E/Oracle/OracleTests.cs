using System.Text.Json;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Oracle;

/// <summary>The same requests to dockerd 26.1 and to gantryd: the answers are the same, apart from what excuses.txt gives a reason for.</summary>
public sealed class OracleTests(ITestOutputHelper output) : IAsyncLifetime
{
    // The engines are in different network namespaces: one subnet for both makes the addresses comparable.
    private const string Bip = "10.215.7.1/24";
    private const string Version = "/v1.45";

    private readonly Excuses _excuses = new();
    private readonly List<Difference> _differences = [];
    private EngineFixture _engine = null!;
    private Dockerd _dockerd = null!;
    private RawApi _gantry = null!;
    private RawApi _docker = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineFixture.StartAsync("--bip", Bip);
        _dockerd = await Dockerd.StartAsync(Bip);
        (_gantry, _docker) = (new RawApi(_engine.Socket), new RawApi(_dockerd.Socket));
        var archive = Path.Combine(_engine.Root, "busybox.tar");
        await using (var registry = await RegistryFixture.StartAsync("busybox"))
            (await Command.RunAsync("skopeo", ["copy", "--quiet", "--src-tls-verify=false", $"docker://127.0.0.1:{registry.Port}/library/busybox", $"docker-archive:{archive}:busybox:latest"])).Succeeded();
        foreach (var api in (RawApi[])[_gantry, _docker])
            Assert.Equal(200, (await api.UploadAsync("/images/load", archive)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var api in (RawApi?[])[_gantry, _docker])
        {
            if (api is null)
                continue;
            using var list = JsonDocument.Parse((await api.AskAsync("GET /containers/json?all=1")).Body);
            foreach (var container in list.RootElement.EnumerateArray())
                await api.AskAsync($"DELETE /containers/{container.GetProperty("Id").GetString()}?force=1&v=1");
            api.Dispose();
        }
        // Either is missing when it did not start.
        if (_dockerd is { } dockerd)
            await dockerd.DisposeAsync();
        if (_engine is { } engine)
            await engine.DisposeAsync();
    }

    [Fact]
    public async Task TheSameRequestsHaveTheSameAnswers()
    {
        var requests = File.ReadLines(Path.Combine(Repository.Root, "tests/E2E/Oracle/requests.txt")).Where(static l => l.Length > 0 && l[0] != '#').ToList();
        foreach (var request in requests)
            await CompareAsync(request);
        await CompareCreationsAsync();

        var unexcused = _differences.Where(d => !_excuses.Cover(d)).ToList();
        output.WriteLine($"{requests.Count} requests, {_differences.Count} differences, {unexcused.Count} without an excuse");
        string[] faults = [.. unexcused.Select(static d => $"not as in dockerd: {d}"), .. _excuses.Unused.Select(static line => $"excuses nothing: {line}")];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    /// <summary>Creates a container with each field of the API alone, looks at it, and removes it.</summary>
    private async Task CompareCreationsAsync()
    {
        using var samples = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Unit/Compat/samples.json")));
        foreach (var (field, body) in samples.RootElement.EnumerateObject().Select(static s => (s.Name, Body: s.Value.GetRawText())).DistinctBy(static s => s.Body))
        {
            var whole = JsonDocument.Parse(body).RootElement.TryGetProperty("Image", out _) ? body : $"{{\"Image\":\"busybox\",{body[1..]}";
            await CompareAsync($"POST /containers/create?name=sample&{field} {whole}");
            await CompareAsync($"GET /containers/sample/json?{field}");
            await Task.WhenAll(_docker.AskAsync("DELETE /containers/sample?v=1"), _gantry.AskAsync("DELETE /containers/sample?v=1"));
        }
    }

    private async Task CompareAsync(string request)
    {
        var words = request.Split(' ', 2);
        var sent = $"{words[0]} {(words[1].StartsWith("/v", StringComparison.Ordinal) && !words[1].StartsWith("/vol", StringComparison.Ordinal) ? "" : Version)}{words[1]}";
        // At once: some of them take their time.
        var answers = await Task.WhenAll(_docker.AskAsync(sent), _gantry.AskAsync(sent));
        _differences.AddRange(Difference.Between(request, answers[0], answers[1]));
    }
}

using System.Text;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>What is said of steps: why they ran, what a missing file may have been, and what a failed one left.</summary>
public sealed class WhyTests : IAsyncLifetime
{
    private BuildHost _host = null!;

    private CancellationToken Token => _host.Host.Token;

    public async ValueTask InitializeAsync() => _host = await BuildHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task StepsThatRanSayWhatChanged()
    {
        const string Dockerfile = """
            FROM busybox:test
            ARG V=1
            COPY src /src
            RUN env | busybox grep ^V= > /v
            """;
        _host.Write("src/a", "1");
        _host.Write("src/b", "1");
        await _host.BuildAsync(Dockerfile);
        Assert.Equal("no earlier build of it is known", Assert.Single(_host.Log.Why("[3/3] RUN env | busybox grep ^V= > /v")));
        await _host.BuildAsync(Dockerfile);
        Assert.Empty(_host.Log.Why("[3/3] RUN env | busybox grep ^V= > /v"));

        await _host.BuildAsync(Dockerfile, spec => spec with { Arguments = new Dictionary<string, string?> { ["V"] = "2" } });
        Assert.Equal(["argument V: \"1\" → \"2\""], _host.Log.Why("[3/3] RUN env | busybox grep ^V= > /v"));
        _host.Write("src/b", "2");
        _host.Write("src/c", "1");
        File.Delete(Path.Combine(_host.Context, "src/a"));
        // Another engine has it from the disk.
        await _host.Host.CloseAsync();
        await _host.Host.OpenAsync();
        await _host.BuildAsync(Dockerfile, spec => spec with { Arguments = new Dictionary<string, string?> { ["V"] = "2" } });
        Assert.Equal(["files of the context: changed src/b; added src/c; removed src/a"], _host.Log.Why("[2/3] COPY src /src"));
        Assert.Equal(["[2/3] COPY src /src made another result"], _host.Log.Why("[3/3] RUN env | busybox grep ^V= > /v"));

        _host.Host.Engine.Builds.RemoveFromCache(_host.Host.Engine.Builds.ListCache());
        await _host.BuildAsync(Dockerfile, spec => spec with { Arguments = new Dictionary<string, string?> { ["V"] = "2" } });
        Assert.Equal(["its result is gone from the cache: pruned, or removed to make room"], _host.Log.Why("[2/3] COPY src /src"));
        await _host.BuildAsync(Dockerfile, spec => spec with { NoCache = true });
        Assert.Equal(["asked for: no cache"], _host.Log.Why("[2/3] COPY src /src"));
    }

    [Fact]
    public async Task AMissingFileOfTheContextIsGuessed()
    {
        _host.Write("package.json", "{}");
        _host.Write("sub/deep/index.js", "");
        _host.Write(".dockerignore", "*.log\n");
        foreach (var (copied, message) in new[]
        {
            ("pakage.json", "\"/pakage.json\": not found (did you mean \"/package.json\"?)"),
            ("sub/dep", "\"/sub/dep\": not found (did you mean \"/sub/deep\"?)"),
            ("other", "\"/other\": not found"),
            ("build.log", "\"/build.log\": not found (.dockerignore leaves it out)"),
        })
        {
            var failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync($"FROM busybox:test\nRUN true\nCOPY {copied} /\n"));
            Assert.Equal((ErrorKind.NotFound, message), (failure.Kind, failure.Message));
            Assert.Equal(new SourceLines(3, 3), FailureCauses.Find<DockerfileException>(failure)!.Lines);
            Assert.True(FailureCauses.Find<MissingFileException>(failure)!.IsOfContext);
        }

        var inStage = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nCOPY --from=busybox:test /nothing /\n"));
        Assert.False(FailureCauses.Find<MissingFileException>(inStage)!.IsOfContext);
        Assert.Equal(new SourceLines(2, 2), FailureCauses.Find<DockerfileException>(inStage)!.Lines);
    }

    [Fact]
    public async Task AFailedStepCanBeLookedInto()
    {
        // What stays of the build are the layers of the steps before, which a first one makes.
        const string Beginning = "FROM busybox:test\nENV A=b\nWORKDIR /work\nRUN chown web /work\nUSER web\n";
        await _host.BuildAsync(Beginning);
        await _host.Host.CreateAsync("true", spec => spec with { Config = spec.Config with { Image = "built:test" } });
        var before = await Traces.TakeSettledAsync(_host.Host, Token);
        _host.Session.Secrets["s"] = "hush"u8.ToArray();
        var seen = "";
        _host.Session.Visit = async (step, open, token) =>
        {
            await using var shell = await open(token);
            await shell.ResizeAsync(40, 120, token);
            await shell.Terminal.WriteAsync("cat left /run/secrets/s; echo $A-$(id -un)-$(pwd)-$(busybox stty size); exit\n"u8.ToArray(), token);
            using var shown = new MemoryStream();
            await shell.Terminal.CopyToAsync(shown, token);
            seen = $"{step.Name}\n{Encoding.UTF8.GetString(shown.ToArray()).ReplaceLineEndings("\n")}";
        };
        await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync(Beginning + "RUN --mount=type=secret,id=s,uid=1000 echo here > left; exit 4\n"));
        Assert.StartsWith("[4/4] RUN --mount=type=secret,id=s,uid=1000 echo here > left; exit 4\n", seen, StringComparison.Ordinal);
        Assert.Contains("here\nhush", seen, StringComparison.Ordinal);
        Assert.Contains("b-web-/work-40 120\n", seen, StringComparison.Ordinal);
        await before.AreAllThatIsLeftAsync(_host.Host, Token);
    }
}

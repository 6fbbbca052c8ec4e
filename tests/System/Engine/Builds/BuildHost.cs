using Gantry.Build;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>An engine, and a directory to be built.</summary>
internal sealed class BuildHost : IAsyncDisposable
{
    private BuildHost(EngineHost host, string context) => (Host, Context, Session) = (host, context, new DirectorySession(context));

    public EngineHost Host { get; }

    public string Context { get; }

    public DirectorySession Session { get; set; }

    public BuildLog Log { get; private set; } = new();

    /// <summary>Starts an engine.</summary>
    /// <param name="more">Changes its options.</param>
    public static async Task<BuildHost> StartAsync(Func<Gantry.Engine.EngineOptions, Gantry.Engine.EngineOptions>? more = null) =>
        new(await EngineHost.StartAsync(more), Directory.CreateTempSubdirectory("gantry-context-").FullName);

    /// <summary>Writes a file of the context.</summary>
    public void Write(string name, string text)
    {
        var path = Path.Combine(Context, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Builds the context with a Dockerfile.</summary>
    public Task<BuildOutcome> BuildAsync(string dockerfile, Func<BuildSpec, BuildSpec>? more = null)
    {
        Write("Dockerfile", dockerfile);
        Log = new();
        var spec = new BuildSpec { Outputs = [new BuildOutput { Kind = BuildOutputKind.Image, Names = ["built:test"] }] };
        return Host.Engine.Builds.BuildAsync(more is null ? spec : more(spec), Session, Log, Host.Token);
    }

    /// <summary>What a shell line prints in the image that was built last.</summary>
    public async Task<string> ShellAsync(string line)
    {
        var id = await Host.CreateAsync(line, spec => spec with { Config = spec.Config with { Image = "built:test", Entrypoint = [], Cmd = ["/bin/sh", "-c", line] } });
        Xunit.Assert.Equal((0L, ""), (await Host.RunAsync(id), ""));
        return await Host.LogsAsync(id);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Directory.Delete(Context, recursive: true);
    }
}

namespace Gantry.Tests.Support.Peers;

/// <summary>A configuration of Docker's command line in which a newer Debian's buildx and Compose are its plugins, and nothing of this machine's.</summary>
public sealed class DockerPlugins : IDisposable
{
    private DockerPlugins(string folder) => Folder = folder;

    /// <summary>What <c>DOCKER_CONFIG</c> takes.</summary>
    public string Folder { get; }

    /// <summary>Fetches the plugins, if this machine does not have them yet, and writes a configuration with them.</summary>
    /// <param name="newest">The newest that Debian has, and not those of the stable release.</param>
    public static async Task<DockerPlugins> CreateAsync(bool newest = false)
    {
        var peers = (await Command.RunAsync(Path.Combine(Repository.Root, "tests/Support/Peers/fetch.sh"), newest ? ["newest"] : [])).Succeeded().Text.Trim();
        var plugins = new DockerPlugins(Directory.CreateTempSubdirectory("docker-config-").FullName);
        var links = Directory.CreateDirectory(Path.Combine(plugins.Folder, "cli-plugins")).FullName;
        foreach (var name in (string[])["docker-buildx", "docker-compose"])
            File.CreateSymbolicLink(Path.Combine(links, name), Path.Combine(peers, "usr/libexec/docker/cli-plugins", name));
        return plugins;
    }

    /// <summary>Runs Docker's command line with these plugins against an engine.</summary>
    public Task<CommandResult> DockerAsync(EngineFixture engine, params string[] arguments) =>
        Command.RunAsync("docker", ["-H", engine.Host, .. arguments], environment: new Dictionary<string, string?> { ["DOCKER_CONFIG"] = Folder });

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

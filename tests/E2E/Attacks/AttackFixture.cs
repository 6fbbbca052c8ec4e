using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Attacks;

/// <summary>An engine with images that mean harm: <c>hostile</c> holds attack.c, <c>overwriter</c> preload.c besides.</summary>
public sealed class AttackFixture : IAsyncLifetime
{
    private static readonly string _sources = Path.Combine(Repository.Root, "tests/E2E/Attacks");
    private readonly string _work = Directory.CreateTempSubdirectory("gantry-attack-").FullName;

    /// <summary>The engine.</summary>
    public EngineFixture Engine { get; private set; } = null!;

    /// <summary><c>hostile</c> as an archive, for other engines.</summary>
    public string HostileArchive => Path.Combine(_work, "hostile.tar");

    /// <summary>The root of <c>overwriter</c>, for a runtime without an engine.</summary>
    public string OverwriterRoot => Path.Combine(_work, "overwriter");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var hostile = Path.Combine(_work, "hostile");
        await MakeRootAsync(hostile);
        (await Command.RunAsync("cp", ["-a", hostile, OverwriterRoot])).Succeeded();
        await MakeOverwriterAsync();
        Engine = await EngineFixture.StartAsync();
        await ImportAsync("hostile", hostile);
        await ImportAsync("overwriter", OverwriterRoot);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Engine is { } engine)
            await engine.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    /// <summary>Runs <c>hostile</c> once, with options of <c>run</c> and words for its command.</summary>
    public Task<CommandResult> RunAsync(string[] options, params string[] command) => Engine.GantryAsync(["run", "--rm", .. options, "hostile", .. command]);

    /// <summary>Makes an image of <c>hostile</c> with something added or replaced by a shell line, in which <c>$R</c> is its root.</summary>
    public async Task ImportVariantAsync(string name, string line)
    {
        var root = Path.Combine(_work, name);
        (await Command.RunAsync("cp", ["-a", Path.Combine(_work, "hostile"), root])).Succeeded();
        (await Command.RunAsync("bash", ["-euc", line], environment: new Dictionary<string, string?> { ["R"] = root })).Succeeded();
        await ImportAsync(name, root);
    }

    private static async Task MakeRootAsync(string root)
    {
        foreach (var folder in (string[])["bin", "etc", "tmp", "data"])
            Directory.CreateDirectory(Path.Combine(root, folder));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        foreach (var applet in (string[])["sh", "cat", "ls", "sleep", "mknod", "dd", "stat", "mkdir", "id", "true", "grep", "ln", "pwd"])
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        await File.WriteAllTextAsync(Path.Combine(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n");
        (await Command.RunAsync("gcc", ["-static", "-O1", "-Wall", "-Werror", "-o", Path.Combine(root, "attack"), Path.Combine(_sources, "attack.c")])).Succeeded();
        // Set-uid: worth something to a user who is not root.
        File.SetUnixFileMode(Path.Combine(root, "attack"), (UnixFileMode)0x9ED);
    }

    // The host's own C library, so that a program of the host finds what it links, and the preloaded code before it.
    private async Task MakeOverwriterAsync()
    {
        var libraries = (await Command.RunAsync("ldd", [Repository.Program("gantry-runtime")])).Succeeded().Output
            .Split(['\n', ' ', '\t']).Where(word => word.StartsWith('/'));
        foreach (var library in libraries)
        {
            var copy = OverwriterRoot + library;
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(library, copy);
        }
        (await Command.RunAsync("gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", Path.Combine(OverwriterRoot, "preload.so"), Path.Combine(_sources, "preload.c")])).Succeeded();
        await File.WriteAllTextAsync(Path.Combine(OverwriterRoot, "etc/ld.so.preload"), "/preload.so\n");
        await File.WriteAllTextAsync(Path.Combine(OverwriterRoot, "evil"), "#!/proc/self/exe\n");
        File.SetUnixFileMode(Path.Combine(OverwriterRoot, "evil"), (UnixFileMode)0x1ED);
    }

    private async Task ImportAsync(string name, string root)
    {
        (await Command.RunAsync("tar", ["-C", root, "-cf", root + ".tar", "."])).Succeeded();
        (await Engine.GantryAsync("import", root + ".tar", name)).Succeeded();
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gantry.Tests.Support;

/// <summary>Debian's docker-registry on 127.0.0.1 with the test images in it: Docker Hub's stand-in, as a mirror.</summary>
public sealed class RegistryFixture : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private RegistryFixture(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    // Shared by all runs, so that an image is uploaded once.
    private static string Cache => Environment.GetEnvironmentVariable("GANTRY_TEST_CACHE") ?? "/var/cache/gantry-tests";

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What <c>--registry-mirror</c> takes.</summary>
    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>Starts a registry and puts test images into it, by folder name in tests/images.</summary>
    public static async Task<RegistryFixture> StartAsync(params string[] images)
    {
        var registry = await OpenAsync($"filesystem:\n    rootdirectory: {Cache}/registry", login: null);
        try
        {
            (await Command.RunAsync(Path.Combine(Repository.Root, "tests/images/build.sh"), ["--push", $"127.0.0.1:{registry.Port}", .. images])).Succeeded();
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }

        return registry;
    }

    /// <summary>Starts a registry with nothing in it, to push to: what it gets is gone with it.</summary>
    /// <param name="isClosed">Whether only <c>user</c> with the password <c>secret</c> gets in.</param>
    public static Task<RegistryFixture> StartEmptyAsync(bool isClosed = false) =>
        OpenAsync("inmemory: {}", !isClosed ? null : "user:$2b$12$t3VyCPLk5HcN6FPR5sIrUeM4GdqnlFvHim8SrrOgZCNIMPorCnn/O");

    /// <summary>Starts a registry with what a directory holds; several may have the same one.</summary>
    /// <param name="networkOf">A process in another network, whose 127.0.0.1 it is to be on; 0: here.</param>
    public static Task<RegistryFixture> StartAtAsync(string directory, int networkOf = 0) => OpenAsync($"filesystem:\n    rootdirectory: {directory}", login: null, networkOf);

    private static async Task<RegistryFixture> OpenAsync(string storage, string? login, int networkOf = 0)
    {
        var folder = Directory.CreateTempSubdirectory("gantry-registry-").FullName;
        var port = FreePort();
        var configuration = Path.Combine(folder, "config.yml");
        await File.WriteAllTextAsync(configuration, $"""
            version: 0.1
            log:
              level: error
            storage:
              {storage}
            http:
              addr: 127.0.0.1:{port}
            """);
        if (login is not null)
        {
            var passwords = Path.Combine(folder, "htpasswd");
            await File.WriteAllTextAsync(passwords, login + "\n");
            await File.AppendAllTextAsync(configuration, $"\nauth:\n  htpasswd:\n    realm: test\n    path: {passwords}\n");
        }

        string[] there = networkOf == 0 ? ["env"] : ["nsenter", $"--net=/proc/{networkOf}/ns/net"];
        var process = Command.Start(there[0], [.. there[1..], "docker-registry", "serve", configuration]);
        process.StandardInput.Close();
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var registry = new RegistryFixture(process, folder, port);
        try
        {
            await Eventually.HoldsAsync("docker-registry answers", async () => (await Command.RunAsync(there[0], [.. there[1..], "curl", "-s", $"{registry.Url}/v2/"])).ExitCode == 0);
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }

        return registry;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A port on 127.0.0.1 that nobody listens on.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

using System.Diagnostics;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Builds;

/// <summary>
/// Files and a git repository, as a web server has them: on one address here and where another engine's network is. So one
/// Dockerfile means the same to both.
/// </summary>
internal sealed class ServedFiles : IDisposable
{
    private const string Commits = """
        set -e
        cd "$0"
        printf 'content\n' > file.txt
        tar -czf archive.tar.gz file.txt
        mkdir repo
        cd repo
        export HOME="$PWD" GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org
        git init -q -b main
        mkdir sub
        echo one > foo
        echo below > sub/bar
        ln -s foo link
        touch run && chmod 755 run
        git add .
        git commit -q -m one
        git tag -a -m first v1
        echo two > foo
        git commit -q -a -m two
        git update-server-info
        """;

    private readonly List<Process> _servers;

    private ServedFiles(string url, List<Process> servers) => (Url, _servers) = (url, servers);

    /// <summary>Without a slash at its end.</summary>
    public string Url { get; }

    /// <param name="directory">Is made.</param>
    /// <param name="pid">Of a process in the other network.</param>
    public static async Task<ServedFiles> StartAsync(string directory, int pid)
    {
        Directory.CreateDirectory(directory);
        (await Command.RunAsync("sh", ["-c", Commits, directory])).Succeeded();
        var address = $"127.0.0.1:{RegistryFixture.FreePort()}";
        string[] server = ["busybox", "httpd", "-f", "-p", address, "-h", directory];
        var served = new ServedFiles("http://" + address, [Command.Start(server[0], server[1..]), Command.Start("nsenter", [$"--net=/proc/{pid}/ns/net", .. server])]);
        string[] ask = ["curl", "-sf", served.Url + "/file.txt"];
        await Eventually.HoldsAsync("the web servers answer", async () =>
            (await Command.RunAsync(ask[0], ask[1..])).ExitCode == 0 && (await Command.RunAsync("nsenter", [$"--net=/proc/{pid}/ns/net", .. ask])).ExitCode == 0);
        return served;
    }

    public void Dispose()
    {
        foreach (var server in _servers)
        {
            server.Kill();
            server.WaitForExit();
            server.Dispose();
        }
    }
}

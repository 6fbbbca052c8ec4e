using System.Diagnostics;
using System.Text;
using Gantry.Tests.Support;

namespace Gantry.Tests.E2E.Oracle;

/// <summary>A newer Debian's dockerd on roots of its own, in network and mount namespaces of its own: what it does to the firewall and leaves mounted ends with it.</summary>
internal sealed class Dockerd : IAsyncDisposable
{
    private readonly string _root;
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private Dockerd(string root, string bip, string peers)
    {
        _root = root;
        File.WriteAllText(Path.Combine(root, "daemon.json"), "{}");
        string[] options =
        [
            "--config-file", Path.Combine(root, "daemon.json"), "--data-root", Path.Combine(root, "data"), "--exec-root", Path.Combine(root, "exec"),
            "--pidfile", Path.Combine(root, "pid"), "--host", $"unix://{Socket}", "--bip", bip,
        ];
        _process = Command.Start("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", "ip link set lo up && PATH=$0/usr/bin:$0/usr/sbin:$PATH exec dockerd \"$@\"", peers, .. options]);
        _process.StandardInput.Close();
        _process.OutputDataReceived += Append;
        _process.ErrorDataReceived += Append;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Socket => Path.Combine(_root, "d.sock");

    /// <summary>Its process id: whoever wants to be where its network is, enters that.</summary>
    public int Pid => _process.Id;

    /// <param name="bip">The bridge's address and prefix.</param>
    public static async Task<Dockerd> StartAsync(string bip)
    {
        var peers = (await Command.RunAsync(Path.Combine(Repository.Root, "tests/Support/Peers/fetch.sh"), [])).Succeeded().Text.Trim();
        var dockerd = new Dockerd(Directory.CreateTempSubdirectory("dockerd-").FullName, bip, peers);
        try
        {
            await Eventually.HoldsAsync("dockerd answers", async () =>
                (await Command.RunAsync("curl", ["-sf", "--unix-socket", dockerd.Socket, "http://docker/_ping"])).ExitCode == 0);
            return dockerd;
        }
        catch (TimeoutException)
        {
            await dockerd.DisposeAsync();
            throw new TimeoutException($"dockerd did not start\n{dockerd._log}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        _process.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private void Append(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}

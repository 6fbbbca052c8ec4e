using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Builds;

/// <summary>
/// <c>--ssh default</c>, <c>--ssh id=SOCKET</c>, <c>--ssh id=KEY,KEY</c>: the SSH agents that a build is lent. For keys an agent is started
/// that has them alone, and ended with this.
/// </summary>
/// <remarks>Source: buildx reference of "build --ssh"; ssh-agent(1), ssh-add(1).</remarks>
internal sealed class AgentSpecs : IDisposable
{
    private readonly Dictionary<string, string> _sockets = new(StringComparer.Ordinal);
    private readonly List<(string Pid, string Directory)> _started = [];

    private AgentSpecs()
    {
    }

    public IReadOnlyList<string> Names => [.. _sockets.Keys];

    /// <summary>Reads the flags, and starts what they need.</summary>
    /// <exception cref="FlagException">There is no agent, or no such key.</exception>
    public static AgentSpecs Read(IReadOnlyList<string> flags, Func<string, string?> environment)
    {
        var agents = new AgentSpecs();
        try
        {
            foreach (var flag in flags)
            {
                var equals = flag.IndexOf('=', StringComparison.Ordinal);
                var id = equals < 0 ? flag : flag[..equals];
                if (id.Length == 0)
                    throw new FlagException($"invalid --ssh \"{flag}\": write it as default, ID=SOCKET or ID=KEY");
                agents._sockets[id] = equals < 0 ? OfEnvironment(id, environment) : agents.OfPaths(id, flag[(equals + 1)..].Split(','));
            }

            return agents;
        }
        catch
        {
            agents.Dispose();
            throw;
        }
    }

    /// <summary>Connects to an agent.</summary>
    /// <exception cref="SocketException">It does not answer.</exception>
    public Stream Connect(string id)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_sockets[id]));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (pid, directory) in _started)
        {
            Run(new("ssh-agent", ["-k"]) { Environment = { ["SSH_AGENT_PID"] = pid } }, out _);
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string OfEnvironment(string id, Func<string, string?> environment) => environment("SSH_AUTH_SOCK") is { Length: > 0 } socket
        ? socket
        : throw new FlagException($"--ssh {id}: there is no SSH agent, for SSH_AUTH_SOCK is not set: start one (eval $(ssh-agent) && ssh-add), or name a key, as in --ssh {id}=$HOME/.ssh/id_ed25519");

    private string OfPaths(string id, IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            if (!Path.Exists(path))
                throw new FlagException($"--ssh {id}: {path} is not there: name an agent's socket or a private key");
        }

        return paths is [var only] && IsSocket(only) ? only : StartAgent(id, paths);
    }

    private static bool IsSocket(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string StartAgent(string id, IReadOnlyList<string> keys)
    {
        var directory = Directory.CreateTempSubdirectory("gantry-ssh-").FullName;
        var socket = Path.Combine(directory, "agent");
        try
        {
            // It listens when the program has ended that starts it.
            var code = Run(new("ssh-agent", ["-s", "-a", socket]), out var said);
            const string Pid = "SSH_AGENT_PID=";
            var at = said.IndexOf(Pid, StringComparison.Ordinal);
            if (code != 0 || at < 0)
            {
                Directory.Delete(directory, recursive: true);
                throw new FlagException($"--ssh {id}: ssh-agent did not start: it says why above");
            }

            _started.Add((string.Concat(said[(at + Pid.Length)..].TakeWhile(char.IsAsciiDigit)), directory));
            return Run(new("ssh-add", ["-q", .. keys]) { Environment = { ["SSH_AUTH_SOCK"] = socket } }, out _) == 0
                ? socket
                : throw new FlagException($"--ssh {id}: {string.Join(", ", keys)} cannot be used as a key: ssh-add says why above");
        }
        catch (Win32Exception missing)
        {
            Directory.Delete(directory, recursive: true);
            throw new FlagException($"--ssh {id}: a key is lent by ssh-agent and ssh-add, which cannot be run ({missing.Message}): install openssh-client, or name an agent's socket");
        }
    }

    private static int Run(ProcessStartInfo start, out string said)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}

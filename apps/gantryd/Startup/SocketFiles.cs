using System.Net.Sockets;
using Gantry.Apps.Options;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Apps.Startup;

/// <summary>Binds the sockets to listen on.</summary>
internal static class SocketFiles
{
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const string DefaultGroup = "gantry";
    private const int FirstInheritedFd = 3; // sd_listen_fds(3)
    private const int Backlog = 512; // as Kestrel's own, which listens again

    /// <summary>Binds one address and listens: clients that come before the engine is ready wait for it, as dockerd's do.</summary>
    /// <exception cref="GantryException">Conflict: somebody listens there. NotFound: no such group. Internal: the kernel refused.</exception>
    public static IReadOnlyList<Socket> Bind(HostAddress address, DaemonOptions options)
    {
        if (address.Inherited)
            return Inherited();
        return [address.Tcp is { } tcp ? BindTcp(tcp) : BindUnix(address.UnixPath!, options.Group)];
    }

    /// <remarks>The socket is bound in a directory that only root can enter, gets its mode and group there, and is then renamed to its place:
    /// at no moment can somebody else connect, and the file of a dead engine is replaced at once.</remarks>
    private static Socket BindUnix(string path, string? group)
    {
        RefuseLive(path);
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        var hidden = Path.Combine(directory, $".{Environment.ProcessId}");
        Directory.CreateDirectory(hidden, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var bound = Path.Combine(hidden, "s");
            File.Delete(bound);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(bound));
            File.SetUnixFileMode(bound, SocketMode);
            if (GroupOf(group) is { } gid)
                ChangeGroup(bound, gid);
            socket.Listen(Backlog);
            File.Move(bound, path, overwrite: true);
            return socket;
        }
        catch (SocketException exception)
        {
            throw GantryException.Of(ErrorKind.Internal, $"bind {path}: {exception.Message}", cause: exception);
        }
        finally
        {
            Directory.Delete(hidden, recursive: true);
        }
    }

    private static void ChangeGroup(string path, uint gid)
    {
        if (Files.TryChownAt(null, path, 0, gid) is < 0 and var errno)
            throw GantryException.Of(ErrorKind.Internal, $"give {path} to group {gid}: errno {-errno}");
    }

    private static void RefuseLive(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            return; // the file of an engine that is gone, or not a socket
        }
        throw GantryException.Of(ErrorKind.Conflict, $"another engine listens on {path}: stop it first, or choose another socket with --host");
    }

    private static uint? GroupOf(string? group)
    {
        if (uint.TryParse(group, out var number))
            return number;
        var name = group ?? DefaultGroup;
        var line = File.Exists("/etc/group") ? File.ReadLines("/etc/group").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal)) : null;
        if (line?.Split(':') is [_, _, var gid, ..] && uint.TryParse(gid, out var found))
            return found;
        return group is null ? null : throw GantryException.Of(ErrorKind.NotFound, $"--group: no group \"{group}\" in /etc/group; make it with: groupadd {group}");
    }

    private static Socket BindTcp(System.Net.IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw GantryException.Of(ErrorKind.Conflict, $"bind tcp://{endpoint}: {exception.Message}", cause: exception);
        }
    }

    // Source: sd_listen_fds(3): LISTEN_PID says whom the descriptors are for, LISTEN_FDS how many there are.
    private static List<Socket> Inherited()
    {
        var count = Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(null as IFormatProvider) && int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), out var given) ? given : 0;
        if (count is < 1 or > 64)
            throw GantryException.Of(ErrorKind.Invalid, "fd://: no sockets were handed over (LISTEN_FDS): start gantryd by a systemd socket unit, or use unix://");
        return [.. Enumerable.Range(FirstInheritedFd, count).Select(static fd => new Socket(new SafeSocketHandle(fd, ownsHandle: true)))];
    }
}

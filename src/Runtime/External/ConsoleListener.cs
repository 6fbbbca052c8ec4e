using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Runtime.External;

/// <summary>Takes the terminal that a runtime has opened in its container (<c>--console-socket</c>).</summary>
internal sealed class ConsoleListener : IDisposable
{
    private const int WaitMs = 5000;

    private readonly string _file;
    private readonly Fd _directory;
    private readonly Fd _listener;

    public ConsoleListener(string directory)
    {
        _file = System.IO.Path.Combine(directory, "console.sock");
        _ = Files.TryUnlinkAt(null, _file);
        // NOTE: sun_path has 108 bytes and an exec root may be long: both ends reach it through a descriptor of the directory.
        _directory = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        Path = $"/proc/{Environment.ProcessId}/fd/{_directory.Number}/console.sock";
        _listener = Sockets.Listen(Path);
    }

    /// <summary>Where the runtime connects to.</summary>
    public string Path { get; }

    /// <summary>The terminal's master side, the caller's from then on.</summary>
    /// <exception cref="GantryException">Internal: the runtime sent none.</exception>
    public Fd Take()
    {
        using var connection = Sockets.TryAccept(_listener) ?? throw NoTerminal();
        var received = new List<Fd>();
        // The runtime has ended, so what it sent is there; a reader of its own might still be sending.
        if (!Connections.WaitReadable(connection, WaitMs) || Sockets.TryReceive(connection, new byte[4096], received) < 0 || received.Count != 1)
            throw NoTerminal();
        return received[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _directory.Dispose();
        _ = Files.TryUnlinkAt(null, _file);
    }

    private static GantryException NoTerminal() => GantryException.Of(ErrorKind.Internal, "the runtime did not hand over the container's terminal");
}

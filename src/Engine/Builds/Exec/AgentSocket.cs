using System.Net.Sockets;
using Gantry.Build;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>A socket in a step that leads to the client's SSH agent.</summary>
internal sealed class AgentSocket : IAsyncDisposable
{
    private const int MostConnections = 16;

    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots = new(MostConnections);
    private readonly IBuildSession _session;
    private readonly string _id;
    private readonly Task _serving;
    private readonly Fd _directory;

    private AgentSocket(string path, Fd directory, Socket listener, IBuildSession session, string id)
    {
        Path = path;
        _directory = directory;
        _listener = listener;
        _session = session;
        _id = id;
        _serving = ServeAsync();
    }

    public string Path { get; }

    /// <summary>Begins to listen.</summary>
    public static AgentSocket Listen(string path, uint mode, (uint Uid, uint Gid) owner, IBuildSession session, string id)
    {
        // By the directory's descriptor: an address holds 108 bytes at most, and the path may be longer.
        var directory = Files.Open(System.IO.Path.GetDirectoryName(path)!, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"{directory.ProcPath}/{System.IO.Path.GetFileName(path)}"));
        listener.Listen();
        byte[] name = [.. System.Text.Encoding.UTF8.GetBytes(path), 0];
        Inodes.ChangeOwner(null, name, owner.Uid, owner.Gid);
        Inodes.ChangeMode(null, name, mode);
        return new(path, directory, listener, session, id);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // It removes its name, which leads through the directory's descriptor.
        _listener.Dispose();
        _directory.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _slots.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                await _slots.WaitAsync(_stop.Token);
                connections.RemoveAll(static c => c.IsCompleted);
                connections.Add(ForwardAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The step has ended.
        }

        await Task.WhenAll(connections);
    }

    private async Task ForwardAsync(Socket accepted)
    {
        try
        {
            await using var near = new NetworkStream(accepted, ownsSocket: true);
            await using var far = await _session.OpenAgentAsync(_id, _stop.Token);
            var there = near.CopyToAsync(far, _stop.Token);
            var back = far.CopyToAsync(near, _stop.Token);
            await await Task.WhenAny(there, back);
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or GantryException or ObjectDisposedException)
        {
            // The program in the step sees a closed connection.
        }
        finally
        {
            if (!_stop.IsCancellationRequested)
                _slots.Release();
        }
    }
}

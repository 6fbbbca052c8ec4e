using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Monitors;

/// <summary>Starts monitors, keeps a few warm, and finds those of an earlier engine again.</summary>
/// <remarks>Disposing ends the warm ones; monitors that have a container live on.</remarks>
public sealed class MonitorPool : IAsyncDisposable
{
    private const int MaxComplaint = 4096;

    // A closed monitor still removes its control group; only one with a client that does not read stays longer.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly MonitorPoolOptions _options;
    private readonly MonitorBinary _binary;
    private readonly ConcurrentQueue<MonitorClient> _warm = new();
    private readonly ConcurrentDictionary<int, Task> _reaping = new();
    private readonly ConcurrentDictionary<ContainerId, Task> _ending = new();
    private readonly Lock _filling = new();
    private readonly Fd? _complaints;
    private readonly Task _listening = Task.CompletedTask;
    private bool _disposed;

    /// <exception cref="GantryException">NotFound: there is no runtime at the path.</exception>
    public MonitorPool(MonitorPoolOptions options)
    {
        _options = options;
        _binary = new MonitorBinary(options.RuntimePath);
        if (options.OnComplaint is { } onComplaint)
        {
            (var read, _complaints) = Files.Pipe();
            _listening = ListenAsync(read, onComplaint);
        }
        Refill();
    }

    /// <summary>Gives a container a monitor: a warm one, or a new one.</summary>
    /// <exception cref="GantryException">Unavailable: it cannot be started.</exception>
    public async Task<MonitorClient> StartAsync(ContainerId id, CancellationToken cancellationToken)
    {
        if (_ending.TryGetValue(id, out var ending))
            await Task.WhenAny(ending, Task.Delay(EndLimit, cancellationToken));
        // 0711: a container's first process comes by here to its root filesystem, in a user namespace as somebody else.
        Directory.CreateDirectory(DirectoryOf(id), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        while (_warm.TryDequeue(out var warm))
        {
            if (!warm.Ended.IsCompleted)
                return await BindAsync(warm, id, cancellationToken);
            await warm.DisposeAsync();
        }
        return await BindAsync(Spawn(), id, cancellationToken);
    }

    /// <summary>Finds the monitor that an earlier engine started; null when it is gone.</summary>
    public async Task<MonitorClient?> ReconnectAsync(ContainerId id, CancellationToken cancellationToken)
    {
        if (Files.TryOpenAt(null, DirectoryOf(id), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, out var directory) < 0)
            return null;
        Fd socket;
        using (directory)
        {
            try
            {
                socket = Sockets.Connect($"{directory!.ProcPath}/monitor.sock");
            }
            catch (SyscallException error) when (error.Number is Errno.ENOENT or Errno.ECONNREFUSED)
            {
                return null;
            }
        }
        var client = new MonitorClient(this, socket, Sockets.GetPeer(socket).Pid);
        client.Adopt(id);
        try
        {
            await client.GetStateAsync(cancellationToken);
            return client;
        }
        catch (GantryException error) when (error.Kind == ErrorKind.Unavailable)
        {
            await client.DisposeAsync();
            return null;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>The exit that a monitor recorded; null when there is none.</summary>
    public async Task<ContainerExit?> ReadExitAsync(ContainerId id, CancellationToken cancellationToken)
    {
        try
        {
            return MonitorAnswers.ReadExit(await File.ReadAllBytesAsync(Path.Combine(DirectoryOf(id), "exit.json"), cancellationToken));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is JsonException or GantryException or InvalidOperationException or FormatException)
        {
            return null; // damaged: as good as none
        }
    }

    /// <summary>Kills and removes what a dead monitor left: processes, control group, run-time files. Records an exit when there is none.</summary>
    /// <returns>How the container ended, as far as it can be known; null when it has no run-time directory, as after a reboot.</returns>
    /// <exception cref="GantryException">Something cannot be killed or removed; the sentence says what.</exception>
    public async Task<ContainerExit?> SweepAsync(ContainerId id, CancellationToken cancellationToken)
    {
        var directory = DirectoryOf(id);
        if (!Directory.Exists(directory))
            return null;
        var (read, write) = Files.Pipe();
        using var complaints = read;
        Fd process;
        using (write)
            (_, process) = _binary.Start(["sweep", directory], write, null);
        using (process)
        {
            await ReadinessThread.Shared.WaitReadableAsync(process, cancellationToken);
            var exit = Processes.Wait(process);
            if (exit.Status != 0)
                throw GantryException.Of(ErrorKind.Internal, $"the remains of container {id.Short} could not be removed: {Encoding.UTF8.GetString(Files.ReadToEnd(complaints)).Trim()}");
        }
        return await ReadExitAsync(id, cancellationToken) ?? throw GantryException.Of(ErrorKind.Internal, $"sweeping container {id.Short} recorded no exit");
    }

    /// <summary>Removes a container's run-time directory. Its monitor must be gone.</summary>
    /// <remarks>Nothing is removed recursively: if anything should be mounted below it after all, that is left alone.</remarks>
    public void RemoveDirectory(ContainerId id)
    {
        var directory = DirectoryOf(id);
        if (!Directory.Exists(directory))
            return;
        try
        {
            foreach (var file in Directory.EnumerateFiles(directory))
                File.Delete(file);
            foreach (var child in Directory.EnumerateDirectories(directory))
                Directory.Delete(child, recursive: Path.GetFileName(child) == "runtime"); // another runtime's own notes; nothing is mounted there
            Directory.Delete(directory);
        }
        catch (IOException error)
        {
            throw GantryException.Of(ErrorKind.Conflict, $"the run-time directory of container {id.Short} cannot be removed: {error.Message}", cause: error);
        }
    }

    /// <summary>A container's run-time directory, the bundle: <c>&lt;exec-root&gt;/containers/&lt;id&gt;</c>.</summary>
    public string DirectoryOf(ContainerId id) => Path.Combine(_options.ExecRoot, "containers", id.ToString());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_filling)
        {
            if (_disposed)
                return;
            _disposed = true;
        }
        List<Task> ending = [];
        while (_warm.TryDequeue(out var warm))
        {
            await warm.DisposeAsync();
            if (_reaping.TryGetValue(warm.MonitorPid, out var reaped))
                ending.Add(reaped);
        }
        await Task.WhenAll(ending);
        _binary.Dispose();
        // The pipe's other holders are the monitors that live on, so its end may never come.
        _complaints?.Dispose();
    }

    /// <summary>Replaces what a launch has taken, when it is over and without holding up its answer.</summary>
    internal void RefillLater() => ThreadPool.UnsafeQueueUserWorkItem(static pool => pool.Refill(), this, preferLocal: false);

    /// <summary>Starts warm monitors until there are enough.</summary>
    private void Refill()
    {
        lock (_filling)
        {
            try
            {
                while (!_disposed && _warm.Count < _options.Warm)
                    _warm.Enqueue(Spawn());
            }
            catch (GantryException error)
            {
                _options.OnComplaint?.Invoke(error.Message);
            }
        }
    }

    /// <summary>A monitor has been told to close: the next one of the same container waits until it has ended.</summary>
    internal void ExpectEnd(ContainerId id, int pid)
    {
        if (Processes.FindPidFd(pid) is { } process)
            _ending[id] = ForgetAsync(id, process);
    }

    private async Task ForgetAsync(ContainerId id, Fd process)
    {
        await Task.Yield(); // entered before it can be removed
        using (process)
            await ReadinessThread.Shared.WaitReadableAsync(process, CancellationToken.None);
        _ending.TryRemove(id, out _);
    }

    private static async Task<MonitorClient> BindAsync(MonitorClient client, ContainerId id, string? cachePath, CancellationToken cancellationToken)
    {
        try
        {
            await client.BindAsync(id, cachePath, cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync(); // an unbound monitor ends with its connection
            throw;
        }
    }

    private Task<MonitorClient> BindAsync(MonitorClient client, ContainerId id, CancellationToken cancellationToken) =>
        BindAsync(client, id, _options.CachePath, cancellationToken);

    private MonitorClient Spawn()
    {
        var (near, far) = Sockets.OpenPair();
        using (far)
        {
            try
            {
                var (pid, process) = _binary.Start([], _complaints, far);
                var client = new MonitorClient(this, near, pid);
                _reaping[pid] = ReapAsync(client, process);
                return client;
            }
            catch
            {
                near.Dispose();
                throw;
            }
        }
    }

    /// <summary>Takes a monitor's exit status, so that no zombie stays. Runs as long as the monitor, at the cost of one epoll entry.</summary>
    private async Task ReapAsync(MonitorClient monitor, Fd process)
    {
        await Task.Yield(); // registered before it can end
        ProcessExit? exit;
        using (process)
        {
            await ReadinessThread.Shared.WaitReadableAsync(process, CancellationToken.None);
            _ = Processes.TryWait(process, block: false, out exit);
        }
        if (exit is { Status: not 0 } ended)
            _options.OnComplaint?.Invoke(EndOf(monitor, ended));
        _reaping.TryRemove(monitor.MonitorPid, out _);
    }

    private static string EndOf(MonitorClient monitor, ProcessExit exit)
    {
        var owner = monitor.ContainerId == default ? "a monitor without a container" : $"the monitor of container {monitor.ContainerId.Short}";
        return $"{owner} (process {monitor.MonitorPid}) " + (exit.Signal == 0 ? $"ended with exit code {exit.Code}" : $"was ended by {SignalNames.Of(exit.Signal)}");
    }

    private static async Task ListenAsync(Fd pipe, Action<string> onComplaint)
    {
        var buffer = new byte[MaxComplaint];
        using (pipe)
        {
            Pipes.SetNonBlocking(pipe);
            while (true)
            {
                await ReadinessThread.Shared.WaitReadableAsync(pipe, CancellationToken.None);
                var count = Files.TryRead(pipe, buffer);
                if (count == 0)
                    return;
                if (count > 0)
                    onComplaint(Encoding.UTF8.GetString(buffer, 0, count).TrimEnd());
            }
        }
    }
}

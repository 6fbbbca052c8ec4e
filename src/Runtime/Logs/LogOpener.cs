using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Runtime.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>Opens what a container's log options ask for.</summary>
internal static class LogOpener
{
    /// <exception cref="GantryException">Unavailable: the file cannot be opened, or nobody takes the lines at the other end.</exception>
    public static IContainerLog? Open(MonitorLogOptions options, EpollLoop loop, TimeProvider time)
    {
        var remote = options.Remote is { } target ? OpenRemote(target, loop, time) : null;
        if (options.Path.Length == 0)
            return remote;
        try
        {
            var file = ContainerLog.Open(options, time);
            return remote is null ? file : new LogFork(remote, file);
        }
        catch
        {
            remote?.Dispose();
            throw;
        }
    }

    private static RemoteLog OpenRemote(MonitorRemoteLog target, EpollLoop loop, TimeProvider time)
    {
        try
        {
            return new RemoteLog(target, loop, time);
        }
        // Source of the words: moby daemon/start.go, logger.
        catch (SyscallException error)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"failed to initialize logging driver: {error.Message}; start the log server, or choose another --log-driver", cause: error);
        }
        catch (GantryException error)
        {
            throw GantryException.Of(error.Kind, $"failed to initialize logging driver: {error.Message}", cause: error);
        }
    }
}

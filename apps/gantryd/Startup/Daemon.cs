using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gantry.Api.Server;
using Gantry.Apps.Options;
using Gantry.Engine;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Microsoft.Extensions.Logging;

namespace Gantry.Apps.Startup;

/// <summary>One life of gantryd: sockets, engine, server, until a signal.</summary>
internal static class Daemon
{
    /// <summary>How long after the last request the engine gives memory back: longer than the pauses of a script, or of a test suite.</summary>
    private static readonly TimeSpan s_restAfter = TimeSpan.FromSeconds(10);

    /// <param name="options">Without problems.</param>
    /// <param name="readAgain">Reads them again, for SIGHUP.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The exit status.</returns>
    public static async Task<int> RunAsync(DaemonOptions options, Func<(DaemonOptions Options, IReadOnlyList<string> Problems)> readAgain, TimeProvider time)
    {
        var started = time.GetTimestamp();
        using var log = new TextLog(TextLog.LevelOf(options.LogLevel), time);
        var logger = log.CreateLogger("gantryd");
        using var stopping = new CancellationTokenSource();
        using var term = OnSignal(PosixSignal.SIGTERM, logger, stopping);
        using var interrupt = OnSignal(PosixSignal.SIGINT, logger, stopping);
        Reloading? reloading = null;
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Volatile.Read(ref reloading)?.Run();
        });
        var pidFile = options.PidFile ?? Path.Combine(options.Engine.ExecRoot, "gantryd.pid");
#pragma warning disable CA1031 // the end of the chain
        try
        {
            var listeners = Listen(options);
            Directory.CreateDirectory(Path.GetDirectoryName(pidFile)!);
            await File.WriteAllTextAsync(pidFile, Environment.ProcessId.ToString(null as IFormatProvider), stopping.Token);
            await ServeAsync(options, listeners, time, log, started, engine => Volatile.Write(ref reloading, new Reloading(readAgain, engine, log)), stopping.Token);

            // Last of all: who waits for this file to vanish may start the next engine on the same roots.
            Forget(pidFile);
            return 0;
        }
        catch (GantryException exception)
        {
            await Console.Error.WriteLineAsync($"gantryd: {exception.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception)
        {
            DaemonLog.Died(logger, exception);
            return 1;
        }
#pragma warning restore CA1031
    }

    private static async Task ServeAsync(DaemonOptions options, List<ApiListener> listeners, TimeProvider time, TextLog log, long started, Action<GantryEngine> opened, CancellationToken stopping)
    {
        var logger = log.CreateLogger("gantryd");
        await using var engine = await GantryEngine.OpenAsync(options.Engine, time, log, stopping);
        opened(engine);
        await EnsureHelloAsync(engine, logger, stopping);
        using var rest = new QuietMoment(s_restAfter, IdleMemory.GiveBack, time);
        await using var server = await ApiServer.StartAsync(engine, engine.Builder, options.Engine.ProductVersion, listeners, rest.Touch, time, log, stopping);
        DaemonLog.Ready(logger, options.Engine.ProductVersion, string.Join(", ", options.Hosts), options.Engine.DataRoot, (long)time.GetElapsedTime(started).TotalMilliseconds);
        ReadyNotice.Send($"READY=1\nMAINPID={Environment.ProcessId}");
        rest.Touch();
        await Task.Delay(Timeout.Infinite, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ReadyNotice.Send("STOPPING=1");
        foreach (var host in options.Hosts)
            Forget(HostAddress.Parse(host, options, out _)?.UnixPath);
    }

    private static List<ApiListener> Listen(DaemonOptions options)
    {
        var tls = options.TlsVerify ? TlsFiles.Read(options) : null;
        var listeners = new List<ApiListener>();
        foreach (var host in options.Hosts)
        {
            var address = HostAddress.Parse(host, options, out _)!;
            listeners.AddRange(SocketFiles.Bind(address, options).Select(socket => new ApiListener
            {
                Socket = socket,
                SendApart = socket.AddressFamily == AddressFamily.Unix ? static (connection, bytes) => Sockets.TrySendApart(connection.SafeHandle, bytes.Span) : null,
                Tls = address.Tcp is null ? null : tls,
            }));
        }
        return listeners;
    }

    // A first run must work without a network: the image is part of the program.
    private static async Task EnsureHelloAsync(GantryEngine engine, ILogger logger, CancellationToken stopping)
    {
        if (!HelloImage.Exists)
            return; // a build without it, for work on the engine alone
        try
        {
            await engine.Images.EnsureBuiltInAsync(ImageReference.Parse(HelloImage.Name), static () => HelloImage.Open()!, stopping);
        }
        catch (GantryException exception)
        {
            DaemonLog.NoBuiltInImage(logger, exception, HelloImage.Name);
        }
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, ILogger logger, CancellationTokenSource stopping) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            if (stopping.IsCancellationRequested)
                return; // asked twice: the default, which ends the process at once
            context.Cancel = true;
            DaemonLog.Stopping(logger, signal.ToString());
            stopping.Cancel();
        });

    private static void Forget(string? path)
    {
        if (path is not null && File.Exists(path))
            File.Delete(path);
    }
}

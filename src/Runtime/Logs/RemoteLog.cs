using System.Buffers;
using Gantry.Kernel.Reactor;
using Gantry.Model.Monitor;
using Gantry.Runtime.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>Sends a container's output away, a message for each line or piece of a long line.</summary>
internal sealed class RemoteLog : IContainerLog
{
    private readonly ILineFormat _format;
    private readonly LogSocket _socket;
    private readonly TimeProvider _time;
    private readonly LineSplitter _stdout = new();
    private readonly LineSplitter _stderr = new();
    private readonly LineSplitter.Sink _takeStdout;
    private readonly LineSplitter.Sink _takeStderr;
    private readonly Func<long> _now;
    private readonly ArrayBufferWriter<byte> _message = new(1024);

    /// <exception cref="Kernel.Sys.SyscallException">Nobody takes the lines at the other end.</exception>
    public RemoteLog(MonitorRemoteLog target, EpollLoop loop, TimeProvider time)
    {
        _format = target.Protocol == "journal" ? new JournalFormat(target) : new SyslogFormat(target, Environment.ProcessId);
        _time = time;
        _takeStdout = (line, at) => Take(line, at, isStderr: false);
        _takeStderr = (line, at) => Take(line, at, isStderr: true);
        _now = () => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        _socket = new LogSocket(target, loop);
    }

    public bool IsBehind => _socket.IsBehind;

    public void Write(ReadOnlySpan<byte> bytes, bool isStderr)
    {
        if (isStderr)
            _stderr.Split(bytes, _now, _takeStderr);
        else
            _stdout.Split(bytes, _now, _takeStdout);
    }

    public void WhenCaughtUp(Action action) => _socket.CaughtUp = action;

    public void Finish()
    {
        _stdout.Finish(_now, _takeStdout);
        _stderr.Finish(_now, _takeStderr);
        _socket.Flush();
    }

    public void Dispose() => _socket.Dispose();

    private void Take(ReadOnlySpan<byte> line, long time, bool isStderr)
    {
        var isWhole = line.EndsWith("\n"u8);
        _message.ResetWrittenCount();
        _format.Write(_message, isWhole ? line[..^1] : line, isStderr, isWhole, DateTimeOffset.UnixEpoch.AddTicks(time / 100));
        _socket.Send(_message.WrittenSpan);
    }
}

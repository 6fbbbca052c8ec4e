using System.Runtime.InteropServices;
using Gantry.Cli.Output;
using Gantry.Client;
using Gantry.Kernel.Sys;
using Gantry.Kernel.Fds;

namespace Gantry.Cli.Terminal;

/// <summary>Connects this process's streams to a container's: raw terminal, resizing, detach keys, closing of stdin.</summary>
internal sealed class StreamSession
{
    private readonly HijackedStream _stream;
    private readonly TextOutput _out;
    private readonly TextOutput _error;
    private readonly DetachKeys _keys;
    private volatile bool _detached;

    public StreamSession(HijackedStream stream, TextOutput output, TextOutput error, DetachKeys keys)
    {
        _stream = stream;
        _out = output;
        _error = error;
        _keys = keys;
    }

    /// <summary>Whether the container has a terminal: what it writes is not framed then, and ours becomes raw.</summary>
    public required bool Tty { get; init; }

    /// <summary>Whether what is typed here goes to the container.</summary>
    public required bool Stdin { get; init; }

    /// <summary>Whether stdout and stderr are shown.</summary>
    public bool Stdout { get; init; } = true;

    public bool Stderr { get; init; } = true;

    /// <summary>Sets the size of the container's terminal; null: it has none.</summary>
    public Action<int, int>? Resize { get; init; }

    /// <summary>Copies until the container's output ends or the detach keys are typed.</summary>
    /// <returns>Whether the keys were typed.</returns>
    public bool Run()
    {
        _out.Flush();
        using var raw = Tty && Stdin ? RawTerminal.Enter() : null;
        using var resizing = Tty && Resize is not null ? FollowSize() : null;
        if (Stdin)
            new Thread(PumpInput, 256 * 1024) { IsBackground = true }.Start();
        try
        {
            if (Tty)
                CopyRaw();
            else
                OutputFrames.Copy(_stream.Read, b => { if (Stdout) _out.WriteBytes(b); }, b => { if (Stderr) _error.WriteBytes(b); });
        }
        catch (IOException) when (_detached)
        {
            // Breaking the connection off is how the keys end the session.
        }
        return _detached;
    }

    /// <summary>Tells the container's terminal the size of ours, once.</summary>
    public void SendSize()
    {
        if (Terminals.FindSize(1) is not { } size)
            return;
        try
        {
            Resize?.Invoke(size.Rows, size.Columns);
        }
        catch (Model.GantryException)
        {
            // It has ended already.
        }
    }

    private PosixSignalRegistration FollowSize()
    {
        SendSize();
        return PosixSignalRegistration.Create(PosixSignal.SIGWINCH, context =>
        {
            context.Cancel = true;
            SendSize();
        });
    }

    private void CopyRaw()
    {
        var buffer = new byte[32768];
        int read;
        while ((read = _stream.Read(buffer)) > 0)
            _out.WriteBytes(buffer.AsSpan(0, read));
    }

    private void PumpInput()
    {
        try
        {
            using var input = DescriptorStream.Standard(0);
            var buffer = new byte[32768];
            using var send = new MemoryStream();
            int read;
            while ((read = input.Read(buffer)) > 0)
            {
                if (!Tty)
                {
                    _stream.Write(buffer.AsSpan(0, read));
                    continue;
                }
                send.SetLength(0);
                if (_keys.Filter(buffer.AsSpan(0, read), send))
                {
                    _detached = true;
                    _stream.Abort();
                    return;
                }
                if (send.Length > 0)
                    _stream.Write(send.GetBuffer().AsSpan(0, (int)send.Length));
            }
            _stream.CloseWrite();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or Gantry.Kernel.Sys.SyscallException)
        {
            // The container closed its stdin or ended, or ours is closed: its output goes on.
        }
    }
}

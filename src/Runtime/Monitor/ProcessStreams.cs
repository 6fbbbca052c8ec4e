using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Monitor;

/// <summary>
/// Standard input, output and error of one process, or its terminal: output goes to the log and to every client, input
/// comes from any client.
/// </summary>
internal sealed class ProcessStreams : IDisposable
{
    private const int ChunkBytes = 32 * 1024;
    private const int MaxDrainBytes = 4 << 20; // a pipe holds 64 KiB, at most 1 MiB (fs.pipe-max-size)

    // One loop, one thread: every stream of the monitor reads through the same memory.
    private static readonly byte[] Chunk = new byte[AttachedClient.FrameHeader + ChunkBytes];
    private static readonly byte[] Input = new byte[ChunkBytes];

    private readonly EpollLoop _loop;
    private readonly StreamOptions _options;
    private readonly IOutputSink? _sink;
    private readonly List<AttachedClient> _clients = [];
    private readonly OutputSource _stdout;
    private readonly OutputSource _stderr;
    private Fd? _stdin;
    private EpollSource? _stdinSource;
    private Fd? _stdinCopy;
    private byte[] _held = [];
    private int _heldStart;
    private bool _inputEnding;
    private bool _ended;

    public ProcessStreams(EpollLoop loop, StreamOptions options, IOutputSink? sink)
    {
        _loop = loop;
        _options = options;
        _sink = sink;
        sink?.WhenCaughtUp(OnCaughtUp);
        _stdout = new OutputSource(this, isStderr: false);
        _stderr = new OutputSource(this, isStderr: true);
        if (options.Terminal)
        {
            Child = StdioFds.Inherit;
            return;
        }
        Fd? childIn = null;
        if (options.OpenStdin)
        {
            (childIn, _stdin) = Files.Pipe();
            Pipes.SetNonBlocking(_stdin);
        }
        (_stdout.File, var childOut) = Files.Pipe();
        (_stderr.File, var childError) = Files.Pipe();
        Pipes.SetNonBlocking(_stdout.File);
        Pipes.SetNonBlocking(_stderr.File);
        Child = new StdioFds(childIn ?? Files.Open("/dev/null", OpenFlags.O_RDONLY), childOut, childError);
    }

    /// <summary>What the process gets. Closed here by <see cref="Begin"/>.</summary>
    public StdioFds Child { get; private set; }

    /// <summary>Whether input can be written now; otherwise clients wait. With standard input closed, input is taken and dropped.</summary>
    public bool TakesInput => _heldStart == _held.Length;

    /// <summary>Where clients read input into, before <see cref="WriteInput"/>.</summary>
    public static Span<byte> InputBuffer => Input;

    /// <summary>Whether all output has been read to its end.</summary>
    public bool IsAtEnd => _stdout.File is null && _stderr.File is null;

    /// <summary>Whether a client has yet to be sent something.</summary>
    public bool HasClients => _clients.Count > 0;

    /// <summary>Called when <see cref="IsAtEnd"/> or <see cref="HasClients"/> may have changed.</summary>
    public Action? Changed { get; set; }

    /// <summary>Starts reading: the process has its ends now.</summary>
    /// <param name="terminal">The terminal's master side, owned from here on; null when the process has none.</param>
    public void Begin(Fd? terminal)
    {
        CloseChildEnds();
        if (terminal is not null)
        {
            Pipes.SetNonBlocking(terminal);
            _stdout.File = terminal;
            _stdin = terminal;
        }
        _stdout.Watch();
        _stderr.Watch();
    }

    /// <summary>Connects a client; the socket is owned from here on.</summary>
    public void Attach(Fd socket, bool stdin, bool stdout, bool stderr)
    {
        var client = new AttachedClient(_loop, socket, this, framed: !_options.Terminal, stdin && _options.OpenStdin, stdout, stderr || (_options.Terminal && stdout));
        _clients.Add(client);
        if (_ended)
            client.End();
        else
            client.UpdateInterest();
    }

    /// <summary>Sets the terminal's size; false when there is no terminal.</summary>
    public bool TryResize(int height, int width)
    {
        if (!_options.Terminal || _stdout.File is not { } terminal)
            return false;
        Kernel.Pty.PseudoTerminals.SetSize(terminal, height, width);
        return true;
    }

    /// <summary>Takes input for the process; what it does not read at once is held.</summary>
    public void WriteInput(ReadOnlySpan<byte> bytes)
    {
        if (_stdin is null)
            return;
        var count = Files.TryWrite(_stdin, bytes);
        if (count < 0 && count != -Errno.EAGAIN)
        {
            CloseInput(); // EPIPE: the process has closed it; EIO: the terminal is gone
            return;
        }
        bytes = bytes[Math.Max(count, 0)..];
        if (bytes.Length == 0)
            return;
        _held = bytes.ToArray();
        _heldStart = 0;
        WatchInput();
    }

    /// <summary>A client's input has ended.</summary>
    /// <remarks>Source: moby container/stream/attach.go: without a terminal, the end closes input that was opened once; otherwise it ends the client.</remarks>
    public void OnInputEnded(AttachedClient client)
    {
        if (!_options.Terminal && _options.StdinOnce)
        {
            _inputEnding = true;
            if (TakesInput)
                CloseInput();
        }
        else
        {
            client.End();
        }
    }

    public void OnClosed(AttachedClient client)
    {
        _clients.Remove(client);
        OnCaughtUp();
        Changed?.Invoke();
    }

    /// <summary>A slow client, or the log, has caught up.</summary>
    public void OnCaughtUp()
    {
        if (AnyBehind())
            return;
        _stdout.Watch();
        _stderr.Watch();
    }

    /// <summary>Reads what is there, however slow the clients are: the process has ended.</summary>
    public void Drain()
    {
        _stdout.Drain();
        _stderr.Drain();
    }

    /// <summary>The process has ended and its output was drained: clients get the rest, then the end.</summary>
    public void End()
    {
        _ended = true;
        CloseInput();
        _stdout.Close();
        _stderr.Close();
        foreach (var client in _clients.ToArray())
            client.End();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseChildEnds();
        End();
        foreach (var client in _clients.ToArray())
            client.Close();
    }

    private bool AnyBehind()
    {
        if (_sink is { IsBehind: true })
            return true;
        foreach (var client in _clients)
        {
            if (client.IsBehind)
                return true;
        }
        return false;
    }

    private void Deliver(int count, bool isStderr)
    {
        _sink?.Write(Chunk.AsSpan(AttachedClient.FrameHeader, count), isStderr);
        for (var i = _clients.Count - 1; i >= 0; i--)
            _clients[i].Send(Chunk.AsSpan(0, AttachedClient.FrameHeader + count), isStderr);
    }

    private void WatchInput() => _stdinSource ??= _options.Terminal ? WatchTerminalInput() : _loop.Add(_stdin!, Readiness.Writable, _ => WriteHeld());

    // NOTE: a terminal is one descriptor for both directions, and epoll takes a descriptor once: a duplicate is watched for writing.
    private EpollSource WatchTerminalInput()
    {
        _stdinCopy ??= Files.Duplicate(_stdin!.Number);
        return _loop.Add(_stdinCopy, Readiness.Writable, _ => WriteHeld());
    }

    private void WriteHeld()
    {
        if (_stdin is null)
            return;
        var count = Files.TryWrite(_stdin, _held.AsSpan(_heldStart));
        if (count == -Errno.EAGAIN)
            return;
        if (count < 0)
        {
            CloseInput();
            return;
        }
        _heldStart += count;
        if (!TakesInput)
            return;
        StopWatchingInput();
        _held = [];
        _heldStart = 0;
        if (_inputEnding)
            CloseInput();
        foreach (var client in _clients.ToArray())
            client.UpdateInterest();
    }

    private void StopWatchingInput()
    {
        _stdinSource?.Remove();
        _stdinSource = null;
    }

    private void CloseInput()
    {
        StopWatchingInput();
        _stdinCopy?.Dispose();
        _stdinCopy = null;
        _held = [];
        _heldStart = 0;
        if (_stdin is null)
            return;
        if (!_options.Terminal)
            _stdin.Dispose();
        _stdin = null;
        foreach (var client in _clients.ToArray())
            client.UpdateInterest();
    }

    private void CloseChildEnds()
    {
        Child.Input?.Dispose();
        Child.Output?.Dispose();
        Child.Error?.Dispose();
        Child = StdioFds.Inherit;
    }

    /// <summary>One descriptor that output is read from.</summary>
    private sealed class OutputSource(ProcessStreams streams, bool isStderr)
    {
        private EpollSource? _source;

        /// <summary>Null: at its end, or there is none.</summary>
        public Fd? File { get; set; }

        public void Watch()
        {
            if (File is not null && _source is null && !streams.AnyBehind())
                _source = streams._loop.Add(File, Readiness.Readable, _ => OnReady());
        }

        public void Drain()
        {
            for (var total = 0; File is not null && total < MaxDrainBytes;)
            {
                var count = ReadOnce();
                if (count <= 0)
                    return;
                total += count;
            }
        }

        public void Close()
        {
            Unwatch();
            if (File is null)
                return;
            if (streams._options.Terminal)
                streams.CloseInput();
            File.Dispose();
            File = null;
        }

        private void OnReady()
        {
            ReadOnce();
            // NOTE: taken off the list rather than waited for with no interest: epoll reports hang-ups always, again and again.
            if (streams.AnyBehind())
                Unwatch();
        }

        private int ReadOnce()
        {
            var count = Files.TryRead(File!, Chunk.AsSpan(AttachedClient.FrameHeader));
            if (count > 0)
            {
                streams.Deliver(count, isStderr);
            }
            else if (count != -Errno.EAGAIN)
            {
                // 0: every writer has closed its end. EIO: every slave side of the terminal has been closed.
                Close();
                streams.Changed?.Invoke();
            }
            return count;
        }

        private void Unwatch()
        {
            _source?.Remove();
            _source = null;
        }
    }
}

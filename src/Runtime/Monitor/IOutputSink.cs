namespace Gantry.Runtime.Monitor;

/// <summary>What takes a process's output as it is read, before any client does: a log, or a memory of its begin.</summary>
public interface IOutputSink
{
    /// <summary>Takes a part of a stream. Must not throw, and must not wait for anybody: what cannot keep up says so by <see cref="IsBehind"/>.</summary>
    void Write(ReadOnlySpan<byte> bytes, bool isStderr);

    /// <summary>Whether the process should wait before it writes more.</summary>
    bool IsBehind => false;

    /// <summary>What to call when it need not wait any more.</summary>
    void WhenCaughtUp(Action action)
    {
    }
}

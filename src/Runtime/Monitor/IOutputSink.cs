namespace Gantry.Runtime.Monitor;

/// <summary>What takes a process's output as it is read, before any client does: a log, or a memory of its begin.</summary>
public interface IOutputSink
{
    /// <summary>Takes a part of a stream. Must not throw, and must not wait for anybody.</summary>
    void Write(ReadOnlySpan<byte> bytes, bool isStderr);
}

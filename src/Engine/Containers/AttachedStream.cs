namespace Gantry.Engine.Containers;

/// <summary>
/// A duplex connection to a process's streams. What is read is raw for a terminal, else framed as Docker frames it
/// (8-byte header: stream, three zeros, length big-endian); what is written is raw standard input.
/// </summary>
public abstract class AttachedStream : IAsyncDisposable
{
    /// <summary>Whether the process has a terminal, so that what is read is raw.</summary>
    public abstract bool Terminal { get; }

    /// <summary>Reads what the process has written.</summary>
    /// <returns>How many bytes; 0 at the end.</returns>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes to the process's standard input.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Nothing more will be written; reading goes on.</summary>
    public abstract ValueTask CloseWriteAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

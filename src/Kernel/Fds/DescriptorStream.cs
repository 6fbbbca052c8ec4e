using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Kernel.Fds;

/// <summary>
/// A descriptor as a blocking stream over read(2) and write(2). NOTE: not FileStream, which keeps an offset of its own
/// (pread, pwrite): on a standard stream that is a file, shared with other processes, it would overwrite their output.
/// </summary>
public sealed class DescriptorStream(Fd descriptor) : ForwardStream
{
    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>A stream over one of this process' standard descriptors; disposing it leaves the descriptor open.</summary>
    /// <param name="number">0, 1 or 2.</param>
    /// <exception cref="SyscallException">The descriptor is closed.</exception>
    public static DescriptorStream Standard(int number) => new(Files.Duplicate(number));

    /// <inheritdoc/>
    /// <exception cref="IOException">The kernel refused.</exception>
    public override int Read(Span<byte> buffer)
    {
        var read = Files.TryRead(descriptor, buffer);
        while (read == -Errno.EAGAIN)
        {
            Terminals.AwaitReady(descriptor.Number, forWriting: false);
            read = Files.TryRead(descriptor, buffer);
        }
        return read >= 0 ? read : throw Failed(read);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="IOException">The kernel refused; EPIPE when nobody reads.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var written = Files.TryWrite(descriptor, buffer);
            // Another program may have made a shared terminal or pipe one that does not block.
            if (written == -Errno.EAGAIN)
                Terminals.AwaitReady(descriptor.Number, forWriting: true);
            else if (written < 0)
                throw Failed(written);
            else
                buffer = buffer[written..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            descriptor.Dispose();
        base.Dispose(disposing);
    }

    // The errno is kept as HResult, by which a closed pipe is told from a full disk.
    private static IOException Failed(int negative) => new(negative == -Errno.EPIPE ? "nobody reads what is written (EPIPE)" : Errno.Text(-negative), -negative);
}

using System.IO.Pipes;

namespace Gantry.Store;

/// <summary>Unpacks an archive while it is written.</summary>
internal static class ArchivePipe
{
    /// <summary>Runs both sides; returns when both have ended.</summary>
    /// <param name="write">Writes the archive, on a thread of its own.</param>
    /// <param name="unpack">Reads it to its end and disposes it.</param>
    public static UnpackedLayer Unpack(Func<Stream, long> write, Func<Stream, UnpackedLayer> unpack)
    {
        using var near = new AnonymousPipeServerStream(PipeDirection.Out);
        var far = new AnonymousPipeClientStream(PipeDirection.In, near.ClientSafePipeHandle);
        var writing = Task.Factory.StartNew(
            () =>
            {
                // Closed whatever happens: the reader waits for the end.
                using (near)
                {
                    try
                    {
                        write(near);
                    }
                    catch (IOException)
                    {
                        // The reader has refused the rest, and says why.
                    }
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        UnpackedLayer? layer = null;
        try
        {
            layer = unpack(far);
        }
        finally
        {
            far.Dispose();
            ((IAsyncResult)writing).AsyncWaitHandle.WaitOne();
            if (writing.IsFaulted)
                layer?.Dispose();
        }

        writing.GetAwaiter().GetResult();
        return layer;
    }
}

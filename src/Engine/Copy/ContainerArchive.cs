using Gantry.Archive;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Copy;

/// <summary>Files of a container, opened and about to be archived. The caller disposes it.</summary>
public sealed class ContainerArchive : IDisposable
{
    private readonly ContainerRoot _root;
    private readonly Action<TreeArchive> _add;
    private readonly Func<SyscallException, Exception> _explain;

    internal ContainerArchive(PathStatus status, ContainerRoot root, Action<TreeArchive> add, Func<SyscallException, Exception> explain)
    {
        Status = status;
        _root = root;
        _add = add;
        _explain = explain;
    }

    /// <summary>What is at the path that was asked for.</summary>
    public PathStatus Status { get; }

    /// <summary>Writes the archive, a tar, and its end.</summary>
    /// <param name="output">Written from a thread of its own; stays the caller's.</param>
    /// <exception cref="Model.GantryException">Something cannot be read; what was written is not whole.</exception>
    public Task WriteAsync(Stream output, CancellationToken cancellationToken) => Threads.RunAsync(() =>
    {
        var writer = new TarWriter(new BlockingStream(output, cancellationToken));
        try
        {
            _add(new TreeArchive(writer, cancellationToken) { Owners = _root.Owners });
        }
        catch (SyscallException failure)
        {
            throw _explain(failure);
        }

        writer.Finish();
    });

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();
}

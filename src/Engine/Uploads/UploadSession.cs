using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Uploads;

/// <summary>The client of a build that came with one request: of what it has, only directories can be asked for, if any.</summary>
public sealed class UploadSession : IBuildSession
{
    private const int PieceBytes = 256 << 10;

    private readonly IContextFiles _files;
    private readonly RegistryLogins _logins;

    /// <summary>Makes the session of a build; the files stay the caller's.</summary>
    public UploadSession(IContextFiles files, RegistryLogins logins)
    {
        _files = files;
        _logins = logins;
    }

    /// <inheritdoc/>
    public string Id { get; } = Guid.NewGuid().ToString("n");

    /// <inheritdoc/>
    public string SharedKey => _files.SharedKey;

    /// <summary>The values of secrets by their ids: held in memory, never written anywhere.</summary>
    public IReadOnlyDictionary<string, byte[]> Secrets { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>The names of the SSH agents that the client lends.</summary>
    public IReadOnlySet<string> Agents { get; init; } = new HashSet<string>();

    /// <summary>Connects to one of <see cref="Agents"/>.</summary>
    public Func<string, CancellationToken, Task<Stream>>? OpenAgent { get; init; }

    /// <summary>Lets the client look into a failed step, as in <see cref="IBuildSession.VisitAsync"/>; null: it does not want to.</summary>
    public Func<Vertex, Func<CancellationToken, Task<IStepShell>>, CancellationToken, Task>? Visit { get; init; }

    /// <summary>Where blobs of the client's OCI layouts are put for a moment; null: it has no layouts.</summary>
    public string? Scratch { get; init; }

    /// <summary>Opens the way on which files are sent to the client; disposing it tells that they are whole. Null: there is none.</summary>
    public Func<BuildOutput, Stream>? OpenOutput { get; init; }

    /// <inheritdoc/>
    public Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken) =>
        _files.ReceiveAsync(request, directory, progress, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken) => _files.ListAsync(request, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>A layout is a directory as any other: one file of it is asked for.</remarks>
    public async Task ReadBlobAsync(string layout, Digest blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (Scratch is null)
            throw GantryException.Of(ErrorKind.NotSupported, "this client cannot lend OCI layouts: gantry build and docker buildx can");
        var path = $"blobs/{blob.Algorithm}/{blob.Hex}";
        var directory = Directory.CreateDirectory(Path.Combine(Scratch, Guid.NewGuid().ToString("n")), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        try
        {
            await _files.ReceiveAsync(new ContextRequest { Name = layout, FollowPaths = [path] }, directory, null, cancellationToken);
            await Threads.RunAsync(() => Read(directory, path, sink, cancellationToken));
        }
        catch (SyscallException missing) when (missing.Number == Errno.ENOENT)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"the OCI layout has no blob {blob}", cause: missing);
        }
        finally
        {
            Trees.TryRemove(directory);
        }
    }

    /// <inheritdoc/>
    public Task<byte[]?> FindSecretAsync(string id, CancellationToken cancellationToken) => Task.FromResult(Secrets.GetValueOrDefault(id));

    /// <inheritdoc/>
    public Task<bool> HasAgentAsync(string id, CancellationToken cancellationToken) => Task.FromResult(OpenAgent is not null && Agents.Contains(id));

    /// <inheritdoc/>
    public Task<Stream> OpenAgentAsync(string id, CancellationToken cancellationToken) => OpenAgent?.Invoke(id, cancellationToken)
        ?? throw GantryException.Of(ErrorKind.NotSupported, "this client cannot lend an SSH agent: builds with --ssh need one that does, as gantry build and docker buildx");

    /// <inheritdoc/>
    public bool VisitsFailures => Visit is not null;

    /// <inheritdoc/>
    public Task VisitAsync(Vertex step, Func<CancellationToken, Task<IStepShell>> open, CancellationToken cancellationToken) =>
        Visit?.Invoke(step, open, cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken cancellationToken) => Task.FromResult(_logins.Find(host));

    /// <inheritdoc/>
    public async Task SendArchiveAsync(BuildOutput output, Stream archive, CancellationToken cancellationToken)
    {
        await using var target = Open(output);
        await archive.CopyToAsync(target, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task SendDirectoryAsync(BuildOutput output, string directory, CancellationToken cancellationToken)
    {
        await using var target = Open(output);
        await Threads.RunAsync(() =>
        {
            var opened = Inodes.Open(null, [.. System.Text.Encoding.UTF8.GetBytes(directory), 0], Inodes.ReadOnly | Inodes.Directory, 0, out var root);
            if (opened < 0)
                throw new SyscallException("open", -opened, directory);
            using (root)
            {
                var writer = new TarWriter(new BlockingStream(target, cancellationToken));
                new TreeArchive(writer, cancellationToken).AddDirectory(root, [], itself: false);
                writer.Finish();
            }
        });
    }

    // What the client sent may be anything: a link leads nowhere, and a FIFO is not waited for.
    private static void Read(string directory, string path, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        using var root = Files.Open(directory, Inodes.ReadOnly | Inodes.Directory);
        using var file = SafePath.OpenInRoot(root, path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC);
        if (!Files.Status(file).IsRegular)
            throw GantryException.Of(ErrorKind.Invalid, $"{path} of the OCI layout is no file");
        var buffer = new byte[PieceBytes];
        while (Files.Read(file, buffer) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sink(buffer.AsMemory(0, read));
        }
    }

    private Stream Open(BuildOutput output) => OpenOutput?.Invoke(output)
        ?? throw GantryException.Of(ErrorKind.NotSupported, "this client cannot be sent files: build an image, or use a client with --output, as gantry build and docker buildx");
}

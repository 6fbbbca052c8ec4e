using Gantry.Api.BuildKit.Builds;
using Gantry.Build;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Google.Protobuf;

namespace Gantry.Api.BuildKit.Session;

/// <summary>A client's session as one build sees it: directories by the names that the builder knows, archives as directories. Remembers
/// the Dockerfile, whose lines belong to what clients are told of failures.</summary>
internal sealed class BuildDirectories(ClientSession session, FrontendOptions options) : IBuildSession, IDisposable
{
    private const string DockerfileDirectory = "dockerfile";

    private readonly UploadedContext? _upload = options.Upload is { } address ? new(session, address) : null;

    public string Id => session.Id;

    public string SharedKey => session.SharedKey;

    /// <summary>The Dockerfile; empty: it has not come, or came with a context that is no directory.</summary>
    public ByteString Dockerfile { get; private set; } = ByteString.Empty;

    public async Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken)
    {
        var isDockerfile = request.Name == DockerfileDirectory;
        var receipt = ContextReceipt.Anew;
        if (_upload is not null && (isDockerfile || request.Name == options.Spec.Context))
            await _upload.UnpackAsync(directory, request.Excludes, progress, cancellationToken);
        else
            receipt = await session.ReceiveAsync(isDockerfile ? request with { Name = options.DockerfileDirectory } : request, directory, progress, cancellationToken);
        if (isDockerfile)
            Remember(directory);
        return receipt;
    }

    public Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken) =>
        _upload is null ? session.ListAsync(request, cancellationToken) : Task.FromResult<IReadOnlyList<string>?>(null);

    public Task ReadBlobAsync(string layout, Model.Digest blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken) => session.ReadBlobAsync(layout, blob, sink, cancellationToken);

    public Task WriteBlobAsync(string layout, Model.Images.Descriptor blob, Stream content, CancellationToken cancellationToken) => session.WriteBlobAsync(layout, blob, content, cancellationToken);

    public Task<byte[]?> FindSecretAsync(string id, CancellationToken cancellationToken) => session.FindSecretAsync(id, cancellationToken);

    public Task<bool> HasAgentAsync(string id, CancellationToken cancellationToken) => session.HasAgentAsync(id, cancellationToken);

    public Task<Stream> OpenAgentAsync(string id, CancellationToken cancellationToken) => session.OpenAgentAsync(id, cancellationToken);

    public Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken cancellationToken) => session.FindLoginAsync(host, cancellationToken);

    public Task<string?> FindTokenAsync(string host, RegistryTokenRequest request, CancellationToken cancellationToken) => session.FindTokenAsync(host, request, cancellationToken);

    public Task SendArchiveAsync(BuildOutput output, Stream archive, CancellationToken cancellationToken) => session.SendArchiveAsync(output, archive, cancellationToken);

    public Task<bool> SendBlobAsync(BuildOutput output, Model.Images.Descriptor blob, Stream content, CancellationToken cancellationToken) => session.SendBlobAsync(output, blob, content, cancellationToken);

    public Task SendDirectoryAsync(BuildOutput output, string directory, CancellationToken cancellationToken) => session.SendDirectoryAsync(output, directory, cancellationToken);

    public void Dispose() => _upload?.Dispose();

    private void Remember(string directory)
    {
        try
        {
            using var root = Files.Open(directory, Inodes.ReadOnly | Inodes.Directory);
            if (SafePath.FindContent(root, options.Spec.DockerfileName) is { } text)
                Dockerfile = ByteString.CopyFrom(text);
        }
        catch (SyscallException)
        {
            // A directory, or larger than any Dockerfile: the builder says so.
        }
    }
}

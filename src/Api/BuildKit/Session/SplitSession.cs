using Gantry.Build;

namespace Gantry.Api.BuildKit.Session;

/// <summary>A client that sends its files in a request, and has everything else in its session.</summary>
internal sealed class SplitSession(IBuildSession files, IBuildSession rest) : IBuildSession
{
    public string Id => files.Id;

    public string SharedKey => files.SharedKey;

    public Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken) => files.ReceiveAsync(request, directory, progress, cancellationToken);

    public Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken) => files.ListAsync(request, cancellationToken);

    public Task ReadBlobAsync(string layout, Model.Digest blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken) => rest.ReadBlobAsync(layout, blob, sink, cancellationToken);

    public Task WriteBlobAsync(string layout, Model.Images.Descriptor blob, Stream content, CancellationToken cancellationToken) => rest.WriteBlobAsync(layout, blob, content, cancellationToken);

    public Task<byte[]?> FindSecretAsync(string id, CancellationToken cancellationToken) => rest.FindSecretAsync(id, cancellationToken);

    public Task<bool> HasAgentAsync(string id, CancellationToken cancellationToken) => rest.HasAgentAsync(id, cancellationToken);

    public Task<Stream> OpenAgentAsync(string id, CancellationToken cancellationToken) => rest.OpenAgentAsync(id, cancellationToken);

    public async Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken cancellationToken) =>
        await rest.FindLoginAsync(host, cancellationToken) ?? await files.FindLoginAsync(host, cancellationToken);

    public Task<string?> FindTokenAsync(string host, RegistryTokenRequest request, CancellationToken cancellationToken) => rest.FindTokenAsync(host, request, cancellationToken);

    public Task SendArchiveAsync(BuildOutput output, Stream archive, CancellationToken cancellationToken) => rest.SendArchiveAsync(output, archive, cancellationToken);

    public Task<bool> SendBlobAsync(BuildOutput output, Model.Images.Descriptor blob, Stream content, CancellationToken cancellationToken) => rest.SendBlobAsync(output, blob, content, cancellationToken);

    public Task SendDirectoryAsync(BuildOutput output, string directory, CancellationToken cancellationToken) => rest.SendDirectoryAsync(output, directory, cancellationToken);
}

using Gantry.Api.BuildKit.Wire.Content;
using Gantry.Model;
using Gantry.Model.Images;
using Google.Protobuf;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Session;

/// <summary>A store of blobs that a client offers: an OCI layout that it has, or one that it wants to have.</summary>
/// <remarks>
/// Source: containerd api/services/content/v1/content.proto and core/content/proxy; buildkit session/content. A blob is written so:
/// <code>
///  STAT(total, digest) →          ← how much of it is there (AlreadyExists: all)
///  WRITE(offset, data) →          ← the new offset          … again and again
///  COMMIT(total, digest) →        ← the digest
/// </code>
/// </remarks>
internal sealed class ClientStore(ChannelBase channel, string name)
{
    private const int PieceBytes = 1 << 20;

    private Metadata Headers => new Metadata().With(SessionMetadata.StoreId, name);

    /// <summary>Reads a blob.</summary>
    public async Task ReadAsync(Digest blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        using var call = new Content.ContentClient(channel).Read(new ReadContentRequest { Digest = blob.ToString() }, Headers, cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
            sink(call.ResponseStream.Current.Data.Memory);
    }

    /// <summary>Writes a blob, unless it is there.</summary>
    public async Task WriteAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        using var call = new Content.ContentClient(channel).Write(Headers, cancellationToken: cancellationToken);
        var digest = blob.Digest.ToString();
        try
        {
            // What an earlier attempt left would have to be verified: all is written again.
            await AskAsync(call, new WriteContentRequest { Action = WriteAction.Stat, Ref = $"gantry-{Guid.NewGuid():n}", Total = blob.Size, Expected = digest }, cancellationToken);
            var buffer = new byte[PieceBytes];
            long offset = 0;
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                await AskAsync(call, new WriteContentRequest { Action = WriteAction.Write, Offset = offset, Total = blob.Size, Expected = digest, Data = ByteString.CopyFrom(buffer, 0, read) }, cancellationToken);
                offset += read;
            }

            await AskAsync(call, new WriteContentRequest { Action = WriteAction.Commit, Offset = offset, Total = blob.Size, Expected = digest }, cancellationToken);
            await call.RequestStream.CompleteAsync();
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
        {
            // So be it.
        }
    }

    private static async Task AskAsync(AsyncDuplexStreamingCall<WriteContentRequest, WriteContentResponse> call, WriteContentRequest request, CancellationToken cancellationToken)
    {
        await call.RequestStream.WriteAsync(request, cancellationToken);
        if (!await call.ResponseStream.MoveNext(cancellationToken))
            throw new RpcException(call.GetStatus());
    }
}

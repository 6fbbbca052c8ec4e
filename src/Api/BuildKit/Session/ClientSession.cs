using System.IO.Pipelines;
using System.Security.Cryptography;
using Gantry.Api.BuildKit.Transport;
using Gantry.Api.BuildKit.Wire.Files;
using Gantry.Api.BuildKit.Wire.Health;
using Gantry.Api.BuildKit.Wire.Secrets;
using Gantry.Api.BuildKit.Wire.Ssh;
using Gantry.Build;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Images;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Gantry.Api.BuildKit.Session;

/// <summary>A client's session: a connection that it opened and on which it serves what builds need of it. The engine is the gRPC client.</summary>
internal sealed class ClientSession : IBuildSession, IDisposable
{
    /// <summary>Source: buildkit session/grpc.go: every five seconds, fifteen to answer, and the second failure is one too many.</summary>
    private static readonly TimeSpan s_checkEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_answerWithin = TimeSpan.FromSeconds(15);
    private const int FailuresAllowed = 1;

    // Source: buildkit client/solve.go.
    private const string LayoutPrefix = "oci:";
    private const string CachePrefix = "local:";

    /// <summary>What the store is called that takes a result. Source: as above.</summary>
    private const string ResultStore = "export";

    /// <summary>Source: buildkit session/secrets: MaxSecretSize.</summary>
    private const int MostSecretBytes = 500 << 10;

    /// <summary>Source: buildkit session/auth/auth.go.</summary>
    private const int SaltBytes = 32;

    private readonly SessionHeaders _headers;
    private readonly SessionStream _stream;
    private readonly GrpcChannel _channel;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _gone = new();
    private int _connections;

    public ClientSession(SessionHeaders headers, IDuplexPipe pipe, TimeProvider time)
    {
        _headers = headers;
        _stream = new SessionStream(pipe);
        _time = time;
        Gone = _gone.Token;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => Interlocked.Increment(ref _connections) == 1
                ? ValueTask.FromResult<Stream>(new RepeatedHeaders(_stream))
                : ValueTask.FromException<Stream>(new IOException("the client's session has ended")),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = GrpcServer.MostMessageBytes,
            MaxSendMessageSize = GrpcServer.MostMessageBytes,
        });
    }

    public string Id => _headers.Id;

    public string SharedKey => _headers.SharedKey;

    /// <summary>Ends when the client has gone.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Asks the client again and again whether it is there, until it is not or somebody ends it.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var _ = ended.Token.Register(_stream.Dispose);
        while (failures <= FailuresAllowed && !_stream.Ended.IsCompleted)
        {
            // At once for the first time: clients wait only seconds for HTTP/2 to begin.
            failures = await IsThereAsync(ended.Token) ? 0 : failures + 1;
            await Task.WhenAny(_stream.Ended, Task.Delay(s_checkEvery, _time, ended.Token));
        }

        await ended.CancelAsync();
    }

    public async Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken)
    {
        Require("/moby.filesync.v1.FileSync/DiffCopy", "the client offers no directories");
        var metadata = MetadataOf(request);
        var changed = true;
        await CallAsync($"the directory \"{request.Name}\"", async token =>
        {
            using var call = new FileSync.FileSyncClient(_channel).DiffCopy(metadata, cancellationToken: token);
            try
            {
                changed = await FileTransfer.ReceiveAsync(call.ResponseStream, call.RequestStream, directory, progress, token);
            }
            catch (Exception e) when (e is InvalidOperationException || (e as RpcException)?.Status.Detail.Length == 0)
            {
                // Asking failed because the client has ended the call: what it says of that comes by reading.
                while (await call.ResponseStream.MoveNext(token))
                {
                }

                throw GantryException.Of(ErrorKind.Unavailable, $"the client ended the connection while it sent the directory \"{request.Name}\"", cause: e);
            }

            await call.RequestStream.CompleteAsync();
        }, cancellationToken);
        return new() { Changed = changed };
    }

    public async Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken)
    {
        if (!Has("/moby.filesync.v1.FileSync/DiffCopy"))
            return null;
        var metadata = MetadataOf(request);
        IReadOnlyList<string> names = [];
        await CallAsync($"the names in the directory \"{request.Name}\"", async token =>
        {
            using var call = new FileSync.FileSyncClient(_channel).DiffCopy(metadata, cancellationToken: token);
            names = await FileTransfer.ListAsync(call.ResponseStream, call.RequestStream, token);
            await call.RequestStream.CompleteAsync();
        }, cancellationToken);
        return names;
    }

    public Task ReadBlobAsync(string layout, Digest blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        Require("/containerd.services.content.v1.Content/Read", "the client offers no OCI layouts");
        return CallAsync($"the blob {blob} of an OCI layout", token => new ClientStore(_channel, StoreOf(layout)).ReadAsync(blob, sink, token), cancellationToken);
    }

    public Task WriteBlobAsync(string layout, Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        Require("/containerd.services.content.v1.Content/Write", "the client takes no blobs into its OCI layouts");
        return CallAsync($"a place for the blob {blob.Digest}", token => new ClientStore(_channel, StoreOf(layout)).WriteAsync(blob, content, token), cancellationToken);
    }

    public async Task<bool> SendBlobAsync(BuildOutput output, Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        if (!Has("/containerd.services.content.v1.Content/Write"))
            return false;
        await CallAsync($"a place for the blob {blob.Digest}", token => new ClientStore(_channel, ResultStore).WriteAsync(blob, content, token), cancellationToken);
        return true;
    }

    /// <summary>What a layout is called among a client's stores of blobs; directories of caches have their own names there.</summary>
    private static string StoreOf(string layout) => layout.StartsWith(CachePrefix, StringComparison.Ordinal) ? layout : LayoutPrefix + layout;

    public async Task<byte[]?> FindSecretAsync(string id, CancellationToken cancellationToken)
    {
        if (!Has("/moby.buildkit.secrets.v1.Secrets/GetSecret"))
            return null;
        byte[]? value = null;
        await CallAsync($"the secret \"{id}\"", async token =>
        {
            try
            {
                var answer = await new Secrets.SecretsClient(_channel).GetSecretAsync(new GetSecretRequest { ID = id }, cancellationToken: token);
                value = answer.Data.ToByteArray();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                value = null;
            }
        }, cancellationToken);
        if (value?.Length > MostSecretBytes)
            throw GantryException.Of(ErrorKind.Invalid, $"the secret \"{id}\" is larger than {MostSecretBytes >> 10} KiB");
        return value;
    }

    public async Task<bool> HasAgentAsync(string id, CancellationToken cancellationToken)
    {
        if (!Has("/moby.sshforward.v1.SSH/CheckAgent"))
            return false;
        using var call = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Gone);
        try
        {
            await new SSH.SSHClient(_channel).CheckAgentAsync(new CheckAgentRequest { ID = id }, cancellationToken: call.Token);
            return true;
        }
        catch (RpcException)
        {
            // The client's words for an agent that it does not lend have no status of their own.
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    public Task<Stream> OpenAgentAsync(string id, CancellationToken cancellationToken)
    {
        Require("/moby.sshforward.v1.SSH/ForwardAgent", "the client lends no SSH agents");
        var call = new SSH.SSHClient(_channel).ForwardAgent(new Metadata().With(SessionMetadata.AgentId, id), cancellationToken: Gone);
        return Task.FromResult<Stream>(new AgentStream(call));
    }

    public async Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken cancellationToken)
    {
        if (!Has("/moby.filesync.v1.Auth/Credentials"))
            return null;
        CredentialsResponse? found = null;
        await CallAsync($"the login for {host}", async token => found = await new Auth.AuthClient(_channel).CredentialsAsync(new CredentialsRequest { Host = ServerOf(host) }, cancellationToken: token), cancellationToken);
        return found is { Secret.Length: > 0 } ? new RegistryLogin { Username = found.Username, Secret = found.Secret } : null;
    }

    public async Task<string?> FindTokenAsync(string host, RegistryTokenRequest request, CancellationToken cancellationToken)
    {
        if (!Has("/moby.filesync.v1.Auth/GetTokenAuthority") || !Has("/moby.filesync.v1.Auth/FetchToken"))
            return null;
        string? token = null;
        await CallAsync($"a token for {host}", async call =>
        {
            var client = new Auth.AuthClient(_channel);
            try
            {
                // Whether it obtains tokens at all. NOTE: its key would tell whether another client may have the same token; here each build has its own.
                await client.GetTokenAuthorityAsync(new GetTokenAuthorityRequest { Host = ServerOf(host), Salt = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(SaltBytes)) }, cancellationToken: call);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unimplemented or StatusCode.Unavailable)
            {
                return;
            }

            var wanted = new FetchTokenRequest { ClientID = "gantry", Host = ServerOf(host), Realm = request.Realm.ToString(), Service = request.Service, Scopes = { request.Scopes } };
            token = (await client.FetchTokenAsync(wanted, cancellationToken: call)).Token;
        }, cancellationToken);
        return token is { Length: > 0 } ? token : null;
    }

    public async Task SendArchiveAsync(BuildOutput output, Stream archive, CancellationToken cancellationToken)
    {
        Require("/moby.filesync.v1.FileSend/DiffCopy", "the client takes no files");
        await CallAsync("the archive", async token =>
        {
            using var call = new FileSend.FileSendClient(_channel).DiffCopy(MetadataOf(output), cancellationToken: token);
            var buffer = new byte[64 << 10];
            int count;
            while ((count = await archive.ReadAsync(buffer, token)) > 0)
                await call.RequestStream.WriteAsync(new Wire.Files.BytesMessage { Data = ByteString.CopyFrom(buffer, 0, count) }, token);
            await call.RequestStream.CompleteAsync();
            // The client has written it when it ends the call.
            while (await call.ResponseStream.MoveNext(token))
            {
            }
        }, cancellationToken);
    }

    public async Task SendDirectoryAsync(BuildOutput output, string directory, CancellationToken cancellationToken)
    {
        Require("/moby.filesync.v1.FileSend/DiffCopy", "the client takes no files");
        await CallAsync("the files", async token =>
        {
            using var call = _channel.CreateCallInvoker().AsyncDuplexStreamingCall(s_sendPackets, null, new CallOptions(MetadataOf(output), cancellationToken: token));
            await FileTransfer.SendAsync(call.ResponseStream, call.RequestStream, directory, token);
            await call.RequestStream.CompleteAsync();
            while (await call.ResponseStream.MoveNext(token))
            {
            }
        }, cancellationToken);
    }

    /// <summary>Pulls an archive that the client offers once, as from its standard input.</summary>
    /// <param name="address">As in <c>http://buildkit-session/ID</c>.</param>
    public Task PullAsync(Uri address, Stream destination, CancellationToken cancellationToken)
    {
        Require("/moby.upload.v1.Upload/Pull", "the client offers no archives");
        var metadata = new Metadata().With(SessionMetadata.UploadPath, address.AbsolutePath).With(SessionMetadata.UploadHost, address.Host);
        return CallAsync("the context", async token =>
        {
            using var call = new Wire.Upload.Upload.UploadClient(_channel).Pull(metadata, cancellationToken: token);
            while (await call.ResponseStream.MoveNext(token))
                await destination.WriteAsync(call.ResponseStream.Current.Data.Memory, token);
        }, cancellationToken);
    }

    public void Dispose()
    {
        _gone.Cancel();
        _channel.Dispose();
        _stream.Dispose();
        _gone.Dispose();
    }

    // One method with two protocols: see filesync.proto.
    private static readonly Method<Packet, Packet> s_sendPackets = new(MethodType.DuplexStreaming, "moby.filesync.v1.FileSend", "DiffCopy",
        Marshallers.Create(static p => p.ToByteArray(), Packet.Parser.ParseFrom), Marshallers.Create(static p => p.ToByteArray(), Packet.Parser.ParseFrom));

    // Clients know Docker Hub by the name of its server.
    private static string ServerOf(string host) => host is "docker.io" or "index.docker.io" ? "registry-1.docker.io" : host;

    private static Metadata MetadataOf(ContextRequest request) => new Metadata()
        .With(SessionMetadata.DirectoryName, request.Name)
        .With(SessionMetadata.Excludes, request.Excludes)
        .With(SessionMetadata.FollowPaths, request.FollowPaths);

    private static Metadata MetadataOf(BuildOutput output) => output.ExporterId is { } id ? new Metadata().With(SessionMetadata.ExporterId, id) : [];

    private bool Has(string method) => _headers.Methods.Contains(method.ToLowerInvariant());

    private void Require(string method, string otherwise)
    {
        if (!Has(method))
            throw GantryException.Of(ErrorKind.NotFound, otherwise);
    }

    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            await new Health.HealthClient(_channel).CheckAsync(new HealthCheckRequest(), deadline: _time.GetUtcNow().UtcDateTime + s_answerWithin, cancellationToken: cancellationToken);
            return true;
        }
        catch (RpcException e)
        {
            // Who does not know the question is there to say so.
            return e.StatusCode == StatusCode.Unimplemented;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Calls the client until it answers, the caller gives up or the client is gone, and says what was asked for.</summary>
    private async Task CallAsync(string what, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Gone);
        try
        {
            await call(until.Token);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException && (cancellationToken.IsCancellationRequested || Gone.IsCancellationRequested))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw GantryException.Of(ErrorKind.Unavailable, $"the client went away while it was asked for {what}", cause: e);
        }
        catch (RpcException e) when (e.Status.Detail.Length == 0)
        {
            // It ended the call without a word, while there was more to be said.
            throw GantryException.Of(ErrorKind.Unavailable, $"the client ended the connection while it was asked for {what}", cause: e);
        }
        catch (RpcException e)
        {
            throw GantryException.Of(KindOf(e.StatusCode), $"the client refused {what}: {e.Status.Detail}", cause: e);
        }
        catch (SyscallException e)
        {
            throw GantryException.Of(ErrorKind.Internal, $"cannot transfer {what}: {e.Message}", cause: e);
        }
    }

    private static ErrorKind KindOf(StatusCode code) => code switch
    {
        StatusCode.NotFound => ErrorKind.NotFound,
        StatusCode.AlreadyExists => ErrorKind.AlreadyExists,
        StatusCode.PermissionDenied => ErrorKind.Forbidden,
        StatusCode.Unauthenticated => ErrorKind.Unauthenticated,
        StatusCode.ResourceExhausted => ErrorKind.Exhausted,
        StatusCode.Unavailable => ErrorKind.Unavailable,
        _ => ErrorKind.Invalid,
    };
}

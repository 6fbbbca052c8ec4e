using System.Collections.Concurrent;
using System.Net.Sockets;
using Gantry.Api.BuildKit.Transport;
using Gantry.Api.BuildKit.Wire.Content;
using Gantry.Api.BuildKit.Wire.Files;
using Gantry.Api.BuildKit.Wire.Health;
using Gantry.Api.BuildKit.Wire.Secrets;
using Gantry.Api.BuildKit.Wire.Ssh;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using BytesMessage = Gantry.Api.BuildKit.Wire.Files.BytesMessage;
using Kind = Gantry.Api.BuildKit.Wire.Files.Packet.Types.PacketType;

namespace Gantry.Tests.System.BuildKit;

/// <summary>A client's session: the gRPC server that buildx is while it builds.</summary>
internal sealed class GrpcSession : IAsyncDisposable
{
    private static readonly string[] s_methods =
    [
        "/moby.filesync.v1.FileSync/DiffCopy", "/moby.filesync.v1.FileSend/DiffCopy", "/moby.filesync.v1.Auth/Credentials", "/moby.filesync.v1.Auth/FetchToken", "/moby.filesync.v1.Auth/GetTokenAuthority", "/containerd.services.content.v1.Content/Read", "/containerd.services.content.v1.Content/Write", "/moby.buildkit.secrets.v1.Secrets/GetSecret",
        "/moby.sshforward.v1.SSH/CheckAgent", "/moby.sshforward.v1.SSH/ForwardAgent", "/grpc.health.v1.Health/Check",
    ];

    private readonly WebApplication _application;
    private readonly NetworkStream _stream;

    private GrpcSession(string id, WebApplication application, NetworkStream stream, Client client) => (Id, _application, _stream, Has) = (id, application, stream, client);

    public string Id { get; }

    /// <summary>What the client has and gets.</summary>
    public Client Has { get; }

    public static async Task<GrpcSession> OpenAsync(string socketPath, Client client)
    {
        var id = Guid.NewGuid().ToString("n");
        var stream = await TakenConnection.OpenAsync(socketPath, "/session", [("X-Docker-Expose-Session-Uuid", id), ("X-Docker-Expose-Session-Sharedkey", client.SharedKey), .. s_methods.Select(static method => ("X-Docker-Expose-Session-Grpc-Method", method))]);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = "/" });
        var listener = new HijackedListener();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IConnectionListenerFactory>(listener);
        builder.Services.AddSingleton(client);
        builder.Services.AddGrpc();
        builder.Services.Configure<KestrelServerOptions>(options => options.Listen(listener.EndPoint, static listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        application.MapGrpcService<SyncService>();
        application.MapGrpcService<SendService>();
        application.MapGrpcService<AuthService>();
        application.MapGrpcService<ContentService>();
        application.MapGrpcService<SecretService>();
        application.MapGrpcService<AgentService>();
        application.MapGrpcService<HealthService>();
        await application.StartAsync();
        listener.TryServe(new HijackedConnection("session", TakenConnection.PipeOf(stream)));
        return new(id, application, stream, client);
    }

    /// <summary>The client is gone at once, without a word.</summary>
    public void Die() => _stream.Socket.Close(0);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    /// <summary>What a client has: directories by their names, secrets, logins, an agent; and what it was sent.</summary>
    internal sealed class Client
    {
        public string SharedKey { get; init; } = "";

        public Dictionary<string, string> Directories { get; } = [];

        /// <summary>Sends a directory in place of <see cref="SendAsync"/>.</summary>
        public Func<string, IAsyncStreamReader<Packet>, IServerStreamWriter<Packet>, Task>? Sender { get; set; }

        public Dictionary<string, string> Secrets { get; } = [];

        public Dictionary<string, (string Name, string Secret)> Logins { get; } = [];

        /// <summary>Tokens by the addresses of their servers; null: the client obtains none.</summary>
        public Dictionary<string, string>? Tokens { get; set; }

        /// <summary>What tokens were wanted for, and the registries whose logins were.</summary>
        public ConcurrentQueue<string> Asked { get; } = new();

        /// <summary>Directories of OCI layouts, by the names of their stores.</summary>
        public Dictionary<string, string> Layouts { get; } = [];

        /// <summary>Answers what the agent is asked.</summary>
        public Func<byte[], byte[]>? Agent { get; set; }

        /// <summary>Archives by the numbers of their exporters.</summary>
        public Dictionary<string, MemoryStream> Archives { get; } = [];

        /// <summary>Files of directories that were sent, by the numbers of their exporters and their paths.</summary>
        public Dictionary<string, string> Files { get; } = [];

        /// <summary>The exporters that take a directory.</summary>
        public HashSet<string> TakesFiles { get; } = [];

        /// <summary>Sends a directory as fsutil does: the list in order, then what is asked for.</summary>
        public static async Task SendAsync(string directory, IReadOnlyList<string> followed, IAsyncStreamReader<Packet> requests, IServerStreamWriter<Packet> packets)
        {
            var entries = Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(directory, path))
                .Where(path => followed.Count == 0 || followed.Any(wanted => path == wanted || path.StartsWith(wanted + "/", StringComparison.Ordinal) || wanted.StartsWith(path + "/", StringComparison.Ordinal)))
                .OrderBy(static path => path.Replace('/', '\0'), StringComparer.Ordinal).ToList();
            foreach (var path in entries)
            {
                var full = Path.Combine(directory, path);
                var stat = new Stat { Path = path, Mode = (uint)File.GetUnixFileMode(full), ModTime = (File.GetLastWriteTimeUtc(full) - DateTime.UnixEpoch).Ticks * 100 };
                if (Directory.Exists(full))
                    stat.Mode |= 1u << 31;
                else
                    stat.Size = new FileInfo(full).Length;
                await packets.WriteAsync(new Packet { Stat = stat });
            }

            await packets.WriteAsync(new Packet());
            while (await requests.MoveNext(CancellationToken.None))
            {
                var request = requests.Current;
                if (request.Type == Kind.PacketFin)
                {
                    await packets.WriteAsync(new Packet { Type = Kind.PacketFin });
                    return;
                }

                await packets.WriteAsync(new Packet { Type = Kind.PacketData, ID = request.ID, Data = ByteString.CopyFrom(await File.ReadAllBytesAsync(Path.Combine(directory, entries[(int)request.ID]))) });
                await packets.WriteAsync(new Packet { Type = Kind.PacketData, ID = request.ID });
            }
        }

        /// <summary>Takes a directory as fsutil does: asks for each file of the list.</summary>
        public async Task TakeAsync(string exporter, IAsyncStreamReader<BytesMessage> packets, IServerStreamWriter<BytesMessage> requests)
        {
            var names = new List<string>();
            var (listed, open) = (false, 0);
            while (await packets.MoveNext(CancellationToken.None))
            {
                // The two kinds of messages share a method: unknown fields keep what is a packet.
                var packet = Packet.Parser.ParseFrom(packets.Current.ToByteArray());
                switch (packet.Type)
                {
                    case Kind.PacketStat when packet.Stat is { } stat:
                        names.Add(stat.Path);
                        if ((stat.Mode & ~0xFFFu) != 0)
                            break;
                        open++;
                        Files[$"{exporter}:{stat.Path}"] = "";
                        await AnswerAsync(new Packet { Type = Kind.PacketReq, ID = (uint)(names.Count - 1) });
                        break;
                    case Kind.PacketStat:
                        listed = true;
                        break;
                    case Kind.PacketData when packet.Data.IsEmpty:
                        open--;
                        break;
                    case Kind.PacketData:
                        Files[$"{exporter}:{names[(int)packet.ID]}"] += packet.Data.ToStringUtf8();
                        break;
                    case Kind.PacketFin:
                        return;
                }

                if (listed && open == 0)
                {
                    open = -1;
                    await AnswerAsync(new Packet { Type = Kind.PacketFin });
                }
            }

            Task AnswerAsync(Packet packet) => requests.WriteAsync(BytesMessage.Parser.ParseFrom(packet.ToByteArray()));
        }
    }

    private sealed class SyncService(Client client) : FileSync.FileSyncBase
    {
        public override async Task DiffCopy(IAsyncStreamReader<Packet> requestStream, IServerStreamWriter<Packet> responseStream, ServerCallContext context)
        {
            var name = context.RequestHeaders.GetValue("dir-name") ?? "";
            if (client.Sender is { } sender)
                await sender(name, requestStream, responseStream);
            else if (!client.Directories.TryGetValue(name, out var directory))
                throw new RpcException(new Status(StatusCode.NotFound, $"no access allowed to dir \"{name}\""));
            else
                await Client.SendAsync(directory, [.. context.RequestHeaders.Where(static header => header.Key == "followpaths").SelectMany(static header => header.Value.Split(','))], requestStream, responseStream);
        }
    }

    private sealed class SendService(Client client) : FileSend.FileSendBase
    {
        public override async Task DiffCopy(IAsyncStreamReader<BytesMessage> requestStream, IServerStreamWriter<BytesMessage> responseStream, ServerCallContext context)
        {
            var exporter = context.RequestHeaders.GetValue("buildkit-attachable-exporter-id") ?? "";
            if (client.TakesFiles.Contains(exporter))
            {
                await client.TakeAsync(exporter, requestStream, responseStream);
                return;
            }

            var archive = new MemoryStream();
            while (await requestStream.MoveNext(context.CancellationToken))
                archive.Write(requestStream.Current.Data.Span);
            client.Archives[exporter] = archive;
        }
    }

    private sealed class AuthService(Client client) : Auth.AuthBase
    {
        public override Task<CredentialsResponse> Credentials(CredentialsRequest request, ServerCallContext context)
        {
            client.Asked.Enqueue("login " + request.Host);
            return Task.FromResult(client.Logins.TryGetValue(request.Host, out var login) ? new CredentialsResponse { Username = login.Name, Secret = login.Secret } : new CredentialsResponse());
        }

        public override Task<GetTokenAuthorityResponse> GetTokenAuthority(GetTokenAuthorityRequest request, ServerCallContext context) => client.Tokens is not null
            ? Task.FromResult(new GetTokenAuthorityResponse { PublicKey = ByteString.CopyFrom(new byte[request.Salt.Length]) })
            : throw new RpcException(new Status(StatusCode.Unavailable, "client side tokens disabled"));

        public override Task<FetchTokenResponse> FetchToken(FetchTokenRequest request, ServerCallContext context)
        {
            client.Asked.Enqueue($"token {request.Host} {request.Service} {string.Join(' ', request.Scopes)}");
            return client.Tokens!.TryGetValue(request.Realm, out var token)
                ? Task.FromResult(new FetchTokenResponse { Token = token, ExpiresIn = 60 })
                : throw new RpcException(new Status(StatusCode.Unknown, "failed to fetch anonymous token: 401 Unauthorized"));
        }
    }

    private sealed class ContentService(Client client) : Content.ContentBase
    {
        public override async Task Read(ReadContentRequest request, IServerStreamWriter<ReadContentResponse> responseStream, ServerCallContext context)
        {
            var store = context.RequestHeaders.GetValue("buildkit-attachable-store-id") ?? "";
            var path = client.Layouts.TryGetValue(store, out var layout) ? Path.Combine(layout, "blobs", request.Digest.Replace(':', '/')) : "";
            if (!File.Exists(path))
                throw new RpcException(new Status(StatusCode.NotFound, $"content {request.Digest}: not found"));
            var content = await File.ReadAllBytesAsync(path);
            // In pieces, as containerd sends them.
            foreach (var piece in content.Chunk(32 << 10))
                await responseStream.WriteAsync(new ReadContentResponse { Data = ByteString.CopyFrom(piece) });
        }

        public override async Task Write(IAsyncStreamReader<WriteContentRequest> requestStream, IServerStreamWriter<WriteContentResponse> responseStream, ServerCallContext context)
        {
            var layout = client.Layouts[context.RequestHeaders.GetValue("buildkit-attachable-store-id") ?? ""];
            var blob = new MemoryStream();
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var request = requestStream.Current;
                var path = Path.Combine(layout, "blobs", request.Expected.Replace(':', '/'));
                if (File.Exists(path))
                    throw new RpcException(new Status(StatusCode.AlreadyExists, $"content {request.Expected}: already exists"));
                if (request.Offset != blob.Length)
                    throw new RpcException(new Status(StatusCode.OutOfRange, $"{request.Offset} is not {blob.Length}"));
                blob.Write(request.Data.Span);
                if (request.Action == WriteAction.Commit)
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    await File.WriteAllBytesAsync(path, blob.ToArray());
                }

                await responseStream.WriteAsync(new WriteContentResponse { Action = request.Action, Offset = blob.Length, Digest = request.Expected });
            }
        }
    }

    private sealed class SecretService(Client client) : Secrets.SecretsBase
    {
        public override Task<GetSecretResponse> GetSecret(GetSecretRequest request, ServerCallContext context) => client.Secrets.TryGetValue(request.ID, out var value)
            ? Task.FromResult(new GetSecretResponse { Data = ByteString.CopyFromUtf8(value) })
            : throw new RpcException(new Status(StatusCode.NotFound, $"secret {request.ID} not found"));
    }

    private sealed class AgentService(Client client) : SSH.SSHBase
    {
        public override Task<CheckAgentResponse> CheckAgent(CheckAgentRequest request, ServerCallContext context) =>
            client.Agent is not null ? Task.FromResult(new CheckAgentResponse()) : throw new RpcException(new Status(StatusCode.Unknown, $"unset ssh forward key {request.ID}"));

        public override async Task ForwardAgent(IAsyncStreamReader<Gantry.Api.BuildKit.Wire.Ssh.BytesMessage> requestStream, IServerStreamWriter<Gantry.Api.BuildKit.Wire.Ssh.BytesMessage> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
                await responseStream.WriteAsync(new() { Data = ByteString.CopyFrom(client.Agent!(requestStream.Current.Data.ToByteArray())) });
        }
    }

    private sealed class HealthService : Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => Task.FromResult(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving });
    }
}

using System.Buffers.Binary;
using System.Text.Json;
using Gantry.Build;
using Gantry.Engine.Uploads;
using Gantry.Model;

namespace Gantry.Api.Builds;

/// <summary>
/// The door of Gantry's own command line (<c>version=gantry</c>): several directories, of which only changes are sent, and the
/// values of secrets in the body, every event of the build in the answer. With <c>call</c> (<c>lint</c>, <c>outline</c>,
/// <c>targets</c>) nothing is built, and the answer ends with what was asked for.
/// </summary>
/// <remarks>
/// The body begins with four bytes, a length with the highest byte first, and so many bytes of JSON:
/// <c>{"directories":["context",…],"key":"…","secrets":{"id":"base64"}}</c>. Directories are asked for in the answer and sent
/// behind that, as <see cref="AskedDirectories"/> tells; their copies are kept by the key for the next build. Without a list, an
/// archive comes behind it, as in the classic door. Secrets travel there because queries and headers end up in logs; they are
/// kept in memory and gone with the build.
/// </remarks>
internal static class OwnBuild
{
    public const string Version = "gantry";

    private const int MostHeadBytes = 8 << 20;

    public static async Task RunAsync(Exchange exchange, IBuilder builder, BuildUploads uploads)
    {
        var spec = Spec(exchange.Query);
        var logins = RegistryConfig.Read(exchange.Http.Request.Headers);
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(exchange.Requested);
        using var known = RunningBuilds.Add(exchange.Facts, exchange.Query.Text("buildid"), canceled);
        var body = exchange.Http.Request.Body;
        var head = ReadHead(await HeadAsync(body, canceled.Token));
        await using var stream = new BuildStream(exchange, new LineRendering(), canceled.Token);
        if (head.Directories is null)
        {
            using var upload = await uploads.ReceiveAsync(body, canceled.Token);
            await AnswerAsync(upload);
            return;
        }

        using var directories = new AskedDirectories(head.Directories, head.Key, body, stream.SendAsync);
        await AnswerAsync(directories);

        async Task AnswerAsync(IContextFiles files)
        {
            var session = new UploadSession(files, logins)
            {
                Secrets = head.Secrets,
                Scratch = uploads.Root,
                OpenOutput = output => new OutputStream(stream, output.ExporterId ?? ""),
                Agents = exchange.Query.Many("ssh").ToHashSet(StringComparer.Ordinal),
                OpenAgent = async (name, cancellationToken) => await BuildConnections.AskAsync(exchange, stream, "agent", name, cancellationToken),
                Visit = exchange.Query.Text("onfail") == "shell" ? (step, open, cancellationToken) => BuildConnections.VisitAsync(exchange, stream, step, open, cancellationToken) : null,
            };
            if (exchange.Query.TextOrNull("call") is { } question)
                await stream.RunAsync(cancellationToken => builder.AnswerAsync("frontend." + question, spec, session, stream, cancellationToken), LineRendering.Finish);
            else
                await stream.RunAsync(cancellationToken => builder.BuildAsync(spec, session, stream, cancellationToken));
        }
    }

    /// <summary>What this door knows beyond the classic one.</summary>
    internal static BuildSpec Spec(Routing.Query query)
    {
        var spec = BuildQuery.ReadShared(query);
        return spec with
        {
            Project = query.TextOrNull("project"),
            NoCacheStages = query.Many("nocachefilter"),
            CacheImports = Caches(query.Text("cacheimports")),
            CacheExports = Caches(query.Text("cacheexports")),
            Verify = query.Flag("verify"),
            NamedContexts = JsonParameter.Map(query.Text("contexts"), "contexts").ToDictionary(static pair => pair.Key, static pair => pair.Value ?? ""),
            Entitlements = [.. spec.Entitlements.Union(query.Many("allow"))],
            Attestations = AttestationSpec.Read(JsonParameter.Map(query.Text("attests"), "attests").ToDictionary(static pair => pair.Key, static pair => pair.Value ?? ""), RequestOf(spec)),
            Outputs = [.. JsonParameter.Outputs(query.Text("outputs")).Select((output, index) => Output(output.Type, output.Attributes, BuildQuery.Names(query), index))],
        };
    }

    // What was asked for, in the words of BuildKit's frontend.
    private static Dictionary<string, string> RequestOf(BuildSpec spec)
    {
        var request = spec.Arguments.Where(static a => a.Value is not null).ToDictionary(static a => "build-arg:" + a.Key, static a => a.Value!);
        foreach (var (name, value) in spec.Labels)
            request["label:" + name] = value;
        if (spec.Target is { } target)
            request["target"] = target;
        return request;
    }

    private static IReadOnlyList<CacheSpec> Caches(string json) => [.. JsonParameter.Outputs(json).Select(static cache => new CacheSpec { Type = cache.Type, Attributes = cache.Attributes })];

    private static BuildOutput Output(string type, Dictionary<string, string> attributes, IReadOnlyList<string> names, int index)
    {
        var kind = type switch
        {
            "image" or "moby" => BuildOutputKind.Image,
            "registry" => BuildOutputKind.Registry,
            "local" => BuildOutputKind.Local,
            "tar" => BuildOutputKind.Tar,
            "oci" => BuildOutputKind.Oci,
            "docker" => BuildOutputKind.Docker,
            _ => throw GantryException.Of(ErrorKind.Invalid, $"output type \"{type}\" is not known: use image, registry, docker, oci, local or tar"),
        };
        var own = attributes.GetValueOrDefault("name", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new()
        {
            Kind = kind,
            Names = kind is BuildOutputKind.Local or BuildOutputKind.Tar ? [] : [.. names.Concat(own.Select(static name => ImageReference.Parse(name).WithDefaultTag().ToString())).Distinct()],
            Push = type == "registry" || ExportOptions.Flag(attributes, "push") == true,
            ExporterId = kind is BuildOutputKind.Image or BuildOutputKind.Registry ? null : index.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Attributes = attributes,
        };
    }

    private static async Task<byte[]> HeadAsync(Stream body, CancellationToken cancellationToken)
    {
        var length = new byte[4];
        try
        {
            await body.ReadExactlyAsync(length, cancellationToken);
            var size = BinaryPrimitives.ReadUInt32BigEndian(length);
            if (size > MostHeadBytes)
                throw GantryException.Of(ErrorKind.Invalid, $"the head of the build's request is larger than {MostHeadBytes >> 20} MiB: are there large secrets?");
            var head = new byte[size];
            await body.ReadExactlyAsync(head, cancellationToken);
            return head;
        }
        catch (EndOfStreamException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, "the build's request breaks off in its head", cause: e);
        }
    }

    private sealed record Head(IReadOnlyList<string>? Directories, string Key, Dictionary<string, byte[]> Secrets);

    private static Head ReadHead(byte[] head)
    {
        try
        {
            using var document = JsonDocument.Parse(head);
            List<string>? directories = null;
            var secrets = new Dictionary<string, byte[]>();
            if (document.RootElement.TryGetProperty("directories", out var list))
                directories = [.. list.EnumerateArray().Select(static name => name.GetString() ?? "").Distinct()];
            if (document.RootElement.TryGetProperty("secrets", out var map))
            {
                foreach (var secret in map.EnumerateObject())
                    secrets[secret.Name] = secret.Value.GetBytesFromBase64();
            }

            return new(directories, document.RootElement.TryGetProperty("key", out var key) ? key.GetString() ?? "" : "", secrets);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // NOTE: without the reason's own words, which could quote a secret.
            throw GantryException.Of(ErrorKind.Invalid, "the head of the build's request is not the JSON that it should be");
        }
    }
}

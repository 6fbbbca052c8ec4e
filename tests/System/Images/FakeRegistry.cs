using System.Net;
using System.Text;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Tests.Support;
using Gantry.Tests.System.Store;

namespace Gantry.Tests.System.Images;

/// <summary>A registry in this process that misbehaves on request.</summary>
public sealed class FakeRegistry : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private readonly Lock _lock = new();

    public FakeRegistry()
    {
        Port = RegistryFixture.FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    public Dictionary<string, byte[]> Blobs { get; } = [];

    public Dictionary<string, (string Type, byte[] Content)> Manifests { get; } = [];

    /// <summary>Requests in order: path, range, authorization.</summary>
    public List<string> Seen { get; } = [];

    /// <summary>May answer a request itself; true when it did.</summary>
    public Func<HttpListenerContext, bool>? Intercept { get; set; }

    /// <summary>Puts an image; returns its configuration's digest.</summary>
    public Digest AddImage(string repository, string tag, params byte[][] layers) => AddImage(repository, tag, MediaTypes.OciLayer, layers);

    public Digest AddImage(string repository, string tag, string layerType, params byte[][] layers)
    {
        var diffIds = layers.Select(l => StoreFixture.DigestOf(Plain(l)));
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","created":"2024-01-02T03:04:05Z","config":{"Cmd":["sh"],"Labels":{"a":"b"} },"rootfs":{"type":"layers","diff_ids":[{{Quoted(diffIds)}}]},"history":[{"created_by":"x"}]}""");
        var manifest = $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Describe(MediaTypes.OciConfig, config)}},"layers":[{{string.Join(',', layers.Select(l => Describe(layerType, l)))}}]}""";
        AddManifest(repository, tag, MediaTypes.OciManifest, manifest);
        return StoreFixture.DigestOf(config);
    }

    public Digest AddManifest(string repository, string tag, string type, string manifest)
    {
        var bytes = Encoding.UTF8.GetBytes(manifest);
        var digest = StoreFixture.DigestOf(bytes);
        Manifests[$"{repository}:{tag}"] = Manifests[$"{repository}:{digest}"] = (type, bytes);
        return digest;
    }

    public string Describe(string type, byte[] content)
    {
        var digest = StoreFixture.DigestOf(content).ToString();
        Blobs.TryAdd(digest, content);
        return $$"""{"mediaType":"{{type}}","digest":"{{digest}}","size":{{content.Length}} }""";
    }

    public int Count(string part)
    {
        lock (_lock)
            return Seen.Count(s => s.Contains(part, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    public static void Answer(HttpListenerContext context, int status, byte[] body, string type = "application/octet-stream")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength64 = body.Length;
        context.Response.OutputStream.Write(body);
        context.Response.Close();
    }

    private static string Quoted(IEnumerable<Digest> digests) => string.Join(',', digests.Select(d => $"\"{d}\""));

    private static byte[] Plain(byte[] layer)
    {
        using var plain = Gantry.Store.Archives.Open(new MemoryStream(layer));
        using var all = new MemoryStream();
        plain.CopyTo(all);
        return all.ToArray();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => Serve(context));
        }
    }

    private void Serve(HttpListenerContext context)
    {
        try
        {
            var path = context.Request.Url!.PathAndQuery;
            lock (_lock)
                Seen.Add($"{path} range={context.Request.Headers["Range"]} auth={context.Request.Headers["Authorization"]}");
            if (Intercept?.Invoke(context) == true)
                return;
            var parts = path.Split('/');
            var repository = string.Join('/', parts[2..^2]);
            if (parts[^2] == "manifests" && Manifests.TryGetValue($"{repository}:{parts[^1]}", out var manifest))
            {
                Answer(context, 200, manifest.Content, manifest.Type);
            }
            else if (parts[^2] == "tags")
            {
                AnswerTags(context, repository);
            }
            else if (parts[^2] == "blobs" && Blobs.TryGetValue(parts[^1], out var blob))
            {
                var from = context.Request.Headers["Range"] is { } range ? int.Parse(range["bytes=".Length..^1]) : 0;
                if (from > 0)
                    context.Response.Headers["Content-Range"] = $"bytes {from}-{blob.Length - 1}/{blob.Length}";
                Answer(context, from > 0 ? 206 : 200, blob[from..]);
            }
            else
            {
                Answer(context, 404, """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"""u8.ToArray(), "application/json");
            }
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client went away.
        }
    }

    // Two at a time, so that there is a next page.
    private void AnswerTags(HttpListenerContext context, string repository)
    {
        var last = context.Request.QueryString["last"] ?? "";
        List<string> tags = [.. Manifests.Keys.Where(key => key.StartsWith(repository + ":", StringComparison.Ordinal)).Select(key => key[(repository.Length + 1)..]).Where(tag => !tag.Contains(':', StringComparison.Ordinal) && string.CompareOrdinal(tag, last) > 0).Order(StringComparer.Ordinal)];
        if (tags.Count > 2)
            context.Response.Headers["Link"] = $"</v2/{repository}/tags/list?n=2&last={tags[1]}>; rel=\"next\"";
        Answer(context, 200, Encoding.UTF8.GetBytes($$"""{"name":"{{repository}}","tags":[{{string.Join(',', tags.Take(2).Select(tag => $"\"{tag}\""))}}]}"""), "application/json");
    }
}

using System.Text.Json;
using Gantry.Api.Routing;
using Gantry.Api.Server;
using Gantry.Api.Versions;
using Gantry.Engine;
using Gantry.Model;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gantry.Api;

/// <summary>One request and its answer, as handlers see them: bodies are read and written in the newest shape, and the shims of older
/// versions are applied here.</summary>
public sealed class Exchange
{
    /// <summary>The largest JSON body that is read; what is larger is no description of a container.</summary>
    private const int MaxJsonBytes = 8 << 20;

    private static readonly byte[] NewLine = [(byte)'\n'];
    private readonly IReadOnlyDictionary<string, string> _route;

    internal Exchange(HttpContext http, ServerFacts facts, ApiVersion version, IReadOnlyDictionary<string, string> route)
    {
        Http = http;
        Facts = facts;
        Version = version;
        _route = route;
        Query = new Query(http.Request.Query);
    }

    public HttpContext Http { get; }

    public GantryEngine Engine => Facts.Engine;

    /// <summary>The version that the client speaks; the newest when it named none.</summary>
    public ApiVersion Version { get; }

    public Query Query { get; }

    /// <summary>Ends when the client goes away or the server stops.</summary>
    public CancellationToken Requested => Http.RequestAborted;

    public TimeProvider Time => Facts.Time;

    internal ServerFacts Facts { get; }

    internal ILogger Log => Facts.Log;

    /// <summary>A named part of the path.</summary>
    public string this[string name] => _route[name];

    /// <summary>Reads the body. An absent or empty one gives null.</summary>
    /// <exception cref="GantryException">Invalid: not JSON, a member of the wrong type, more than one value, or another content type.</exception>
    public async Task<T?> ReadJsonAsync<T>()
        where T : class
    {
        if (await ReadBodyAsync() is not { Length: > 0 } body)
            return null;
        try
        {
            return ApiJson.Read<T>(RequestShims.Apply<T>(body, Version).Span);
        }
        catch (JsonException exception)
        {
            throw JsonFault.Explain(exception);
        }
    }

    /// <summary>Answers with a shape, after the shims of the client's version.</summary>
    public async Task WriteJsonAsync<T>(T value, int status = StatusCodes.Status200OK)
    {
        var json = Encode(value);
        Http.Response.StatusCode = status;
        Http.Response.ContentType = "application/json";
        Http.Response.ContentLength = json.Length + 1;
        await Http.Response.Body.WriteAsync(json, Requested);
        await Http.Response.Body.WriteAsync(NewLine, Requested);
    }

    /// <summary>The shape as JSON, after the shims of the client's version.</summary>
    public byte[] Encode<T>(T value)
    {
        var shims = ResponseShims.For(typeof(T), Version);
        if (shims.Count == 0)
            return ApiJson.Write(value);
        var node = ApiJson.ToNode(value)!;
        foreach (var shim in shims)
            shim(node);
        return JsonSerializer.SerializeToUtf8Bytes(node, ApiJson.Options.GetTypeInfo(typeof(System.Text.Json.Nodes.JsonNode)));
    }

    /// <summary>Answers without a body.</summary>
    public Task Answer(int status)
    {
        Http.Response.StatusCode = status;
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
            Http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>Begins a streamed answer: status and headers are on their way when this returns.</summary>
    public async Task BeginAsync(string contentType)
    {
        Http.Response.StatusCode = StatusCodes.Status200OK;
        Http.Response.ContentType = contentType;
        await Http.Response.StartAsync(Requested);
        await Http.Response.Body.FlushAsync(Requested);
    }

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync()
    {
        var request = Http.Request;
        if (request.ContentLength is 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0))
            return default;
        CheckContentType(request);
        if (request.ContentLength > MaxJsonBytes)
            throw TooLarge();
        using var buffer = new MemoryStream((int)(request.ContentLength ?? 0));
        var chunk = new byte[16 << 10];
        int count;
        while ((count = await request.Body.ReadAsync(chunk, Requested)) > 0)
        {
            if (buffer.Length + count > MaxJsonBytes)
                throw TooLarge();
            buffer.Write(chunk, 0, count);
        }
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    // Source: moby daemon/server/httputils CheckForJSON.
    private static void CheckContentType(HttpRequest request)
    {
        var type = request.ContentType ?? string.Empty;
        var semicolon = type.IndexOf(';', StringComparison.Ordinal);
        var media = (semicolon < 0 ? type : type[..semicolon]).Trim();
        if (!media.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw GantryException.Of(ErrorKind.Invalid, $"unsupported Content-Type header ({type}): must be 'application/json'");
    }

    private static GantryException TooLarge() =>
        GantryException.Of(ErrorKind.Invalid, $"the request body is larger than {MaxJsonBytes >> 20} MiB");
}

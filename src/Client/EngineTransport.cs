using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Client.Http;
using Gantry.Model;

namespace Gantry.Client;

/// <summary>
/// Requests and answers: version prefix, one connection kept for the next request, errors as exceptions. All calls
/// block; a caller that wants to do two things at once uses two threads (each request has a connection of its own).
/// </summary>
public sealed class EngineTransport : IDisposable
{
    /// <summary>The newest API version whose shapes this client speaks: that of Docker's CLI 28.2.</summary>
    public const string NewestVersion = "1.50";

    private readonly Lock _gate = new();
    private HttpConnection? _idle;
    private string? _version;
    private bool _startTried;

    /// <summary>Makes a transport; nothing is connected yet.</summary>
    /// <param name="address">Where the engine listens.</param>
    /// <param name="version">The API version to speak; null: ask the engine, and take the older of its and ours.</param>
    public EngineTransport(EngineAddress address, string? version = null)
    {
        Address = address;
        _version = version;
    }

    /// <summary>Where the engine listens.</summary>
    public EngineAddress Address { get; }

    /// <summary>Headers sent with every request, from the configuration file's HttpHeaders.</summary>
    public IReadOnlyDictionary<string, string>? ExtraHeaders { get; init; }

    /// <summary>The value of User-Agent.</summary>
    public string UserAgent { get; init; } = "Gantry-Client/0.1.0 (linux)";

    /// <summary>Called once when nobody listens; true: it has started an engine, connect again. Null: there is nothing to be done.</summary>
    public Func<bool>? StartEngine { get; init; }

    /// <summary>The API version spoken; asks the engine when it was not given.</summary>
    /// <exception cref="GantryException">Unavailable: there is no engine.</exception>
    public string Version => _version ??= Negotiate();

    /// <summary>Sends a request with an optional JSON body and returns the answer once its head is there.</summary>
    /// <param name="method">GET, POST, …</param>
    /// <param name="path">The path without version, with its query.</param>
    /// <param name="json">The body; null: none.</param>
    /// <param name="registryAuth">The X-Registry-Auth header.</param>
    /// <exception cref="GantryException">The engine's error, or that there is none.</exception>
    internal HttpResponse Send(string method, string path, ReadOnlyMemory<byte>? json = null, string? registryAuth = null) =>
        Checked(Exchange(method, "/v" + Version + path, json, null, registryAuth, hijack: false));

    /// <summary>Sends a request whose body is a stream of unknown length.</summary>
    internal HttpResponse SendStream(string method, string path, Stream body, string contentType) =>
        SendStream(method, path, into => body.CopyTo(into, 128 << 10), contentType);

    /// <summary>Sends a request whose body is written piece by piece.</summary>
    /// <param name="write">Writes the body; an engine that has refused it is not told the rest.</param>
    /// <param name="header">One more header; null: none.</param>
    internal HttpResponse SendStream(string method, string path, Action<Stream> write, string contentType, (string Name, string Value)? header = null)
    {
        var connection = Connect(reuse: false);
        try
        {
            SendChunkedHead(connection, method, path, contentType, header);
            var refused = TrySendBody(connection, write);
            var response = HttpResponse.Read(connection, false, false, refused is null ? GiveBack : null) ?? throw ((Exception?)refused ?? Silent());
            return Checked(response);
        }
        catch (IOException e)
        {
            connection.Dispose();
            throw Lost(e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request whose body is written by a thread of its own, so that it can depend on the answer, which is read meanwhile.</summary>
    /// <param name="write">Writes the body. What it throws ends the connection, and is what the conversation then throws.</param>
    /// <param name="header">One more header; null: none.</param>
    internal Conversation Converse(string method, string path, Action<Stream> write, string contentType, (string Name, string Value)? header = null)
    {
        var connection = Connect(reuse: false);
        try
        {
            SendChunkedHead(connection, method, path, contentType, header);
            return new(connection, () => TrySendBody(connection, write), lost => Checked(HttpResponse.Read(connection, false, false, null) ?? throw (lost() ?? Silent())));
        }
        catch (IOException e)
        {
            connection.Dispose();
            throw Lost(e);
        }
    }

    /// <summary>Sends a request that turns the connection into a stream in both directions.</summary>
    internal HijackedStream Hijack(string path, ReadOnlyMemory<byte>? json = null) =>
        new(Checked(Exchange("POST", "/v" + Version + path, json, null, null, hijack: true)));

    /// <summary>Sends a request and reads its JSON answer. The caller disposes it.</summary>
    public JsonDocument GetJson(string path)
    {
        using var response = Send("GET", path);
        return Parse(response);
    }

    /// <summary>Sends a request and reads its answer as bytes.</summary>
    public byte[] GetBytes(string path)
    {
        using var response = Send("GET", path);
        return response.Body.ReadAll();
    }

    /// <summary>Sends a request without a body whose answer has none of interest.</summary>
    public void Post(string path)
    {
        using var response = Send("POST", path);
        response.Body.CopyTo(Stream.Null);
    }

    /// <summary>Asks whether an engine is there.</summary>
    /// <returns>The headers that tell its API version and platform.</returns>
    public EnginePing Ping()
    {
        using var response = Checked(Exchange("GET", "/_ping", null, null, null, hijack: false));
        response.Body.CopyTo(Stream.Null);
        return new(response.FindHeader("Api-Version") ?? "1.24", response.FindHeader("Ostype") ?? "linux", response.FindHeader("Docker-Experimental") == "true");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _idle?.Dispose();
            _idle = null;
        }
    }

    internal static JsonDocument Parse(HttpResponse response)
    {
        try
        {
            return JsonDocument.Parse(response.Body.ReadAll());
        }
        catch (JsonException e)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the engine's answer is not valid JSON: {e.Message}", cause: e);
        }
    }

    /// <summary>Whether the engine speaks at least this API version.</summary>
    internal bool Speaks(int minor) => Minor(Version) >= minor;

    private string Negotiate()
    {
        var theirs = Ping().ApiVersion;
        return Minor(theirs) < Minor(NewestVersion) ? theirs : NewestVersion;
    }

    private static int Minor(string version) =>
        int.TryParse(version.AsSpan(version.IndexOf('.', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ? minor : 24;

    private HttpResponse Exchange(string method, string path, ReadOnlyMemory<byte>? json, string? contentType, string? registryAuth, bool hijack)
    {
        var head = Head(method, path);
        if (registryAuth is not null)
            head.Append("X-Registry-Auth: ").Append(registryAuth).Append("\r\n");
        if (hijack)
            head.Append("Connection: Upgrade\r\nUpgrade: tcp\r\n");
        if (json is { } body)
            head.Append("Content-Type: ").Append(contentType ?? "application/json").Append("\r\nContent-Length: ").Append(body.Length).Append("\r\n");
        else if (method != "GET" && method != "HEAD")
            head.Append("Content-Length: 0\r\n");
        head.Append("\r\n");
        while (true)
        {
            var connection = Connect(reuse: !hijack);
            try
            {
                connection.SendHead(head);
                if (json is { Length: > 0 } bytes)
                    connection.Send(bytes.Span);
                if (HttpResponse.Read(connection, method == "HEAD", hijack, hijack ? null : GiveBack) is { } response)
                    return response;
            }
            catch (IOException) when (connection.Reused)
            {
                // The engine closed the idle connection just now: the request was not begun, ask again on a new one.
            }
            catch (IOException e)
            {
                connection.Dispose();
                throw GantryException.Of(ErrorKind.Unavailable, $"lost the connection to the engine at {Address.Text}: {e.Message}", cause: e);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
            connection.Dispose();
            if (!connection.Reused)
                throw Silent();
        }
    }

    private StringBuilder Head(string method, string path)
    {
        var head = new StringBuilder(256).Append(method).Append(' ').Append(Address.BasePath).Append(path)
            .Append(" HTTP/1.1\r\nHost: ").Append(Address.Host ?? "gantry").Append("\r\nUser-Agent: ").Append(UserAgent).Append("\r\n");
        foreach (var (name, value) in ExtraHeaders ?? new Dictionary<string, string>())
        {
            if (name.AsSpan().IndexOfAny('\r', '\n', ':') < 0 && value.AsSpan().IndexOfAny('\r', '\n') < 0)
                head.Append(name).Append(": ").Append(value).Append("\r\n");
        }
        return head;
    }

    private HttpConnection Connect(bool reuse)
    {
        if (reuse)
        {
            lock (_gate)
            {
                if (_idle is { } idle)
                {
                    _idle = null;
                    idle.Reused = true;
                    return idle;
                }
            }
        }
        try
        {
            return new(EngineLink.Open(Address));
        }
        catch (GantryException e) when (e.Kind == ErrorKind.Unavailable && StartEngine is not null && !_startTried)
        {
            _startTried = true;
            if (!StartEngine())
                throw;
            return new(EngineLink.Open(Address));
        }
    }

    private void GiveBack(HttpConnection connection)
    {
        lock (_gate)
        {
            if (_idle is null)
            {
                _idle = connection;
                return;
            }
        }
        connection.Dispose();
    }

    private void SendChunkedHead(HttpConnection connection, string method, string path, string contentType, (string Name, string Value)? header)
    {
        var head = Head(method, "/v" + Version + path).Append("Content-Type: ").Append(contentType).Append("\r\nTransfer-Encoding: chunked\r\n");
        if (header is var (name, value))
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        head.Append("\r\n");
        connection.SendHead(head);
    }

    private static GantryException Lost(IOException e) =>
        GantryException.Of(ErrorKind.Unavailable, $"the engine closed the connection while it was being sent data: {e.Message}", cause: e);

    // An engine that refuses what it is sent answers and closes: the failed write is no reason not to read why.
    private static IOException? TrySendBody(HttpConnection connection, Action<Stream> write)
    {
        var body = new ChunkedStream(connection);
        try
        {
            write(body);
            body.Finish();
            return null;
        }
        catch (LinkException e)
        {
            return e;
        }
    }

    private static HttpResponse Checked(HttpResponse response)
    {
        if (response.Status is >= 200 and < 300 or 101)
            return response;
        using (response)
            throw Failure(response);
    }

    private static GantryException Failure(HttpResponse response)
    {
        if (response.Status == 304)
            return GantryException.Of(ErrorKind.NotModified, "it already is as asked");
        var body = response.Body.ReadAll();
        var message = Encoding.UTF8.GetString(body).Trim();
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var said) && said.GetString() is { Length: > 0 } text)
                message = text;
        }
        catch (JsonException)
        {
            // Not every answer is the engine's own: a proxy's text is shown as it is.
        }
        if (message.Length == 0)
            message = $"request returned status {response.Status} with no explanation";
        return GantryException.Of(KindOf(response.Status), "Error response from daemon: " + message);
    }

    private static ErrorKind KindOf(int status) => status switch
    {
        400 => ErrorKind.Invalid,
        401 => ErrorKind.Unauthenticated,
        403 => ErrorKind.Forbidden,
        404 => ErrorKind.NotFound,
        409 => ErrorKind.Conflict,
        501 => ErrorKind.NotSupported,
        503 => ErrorKind.Unavailable,
        _ => ErrorKind.Internal,
    };

    private GantryException Silent() =>
        GantryException.Of(ErrorKind.Unavailable, $"the engine at {Address.Text} closed the connection without an answer{(Address.Host is not null && Address.Tls is null ? ": if it speaks TLS, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use --tlsverify" : "")}");
}

using System.Globalization;
using Gantry.Model;

namespace Gantry.Client.Http;

/// <summary>A response: status, headers and a body that is read from the connection as it comes.</summary>
internal sealed class HttpResponse : IDisposable
{
    private readonly HttpConnection _connection;
    private readonly Action<HttpConnection>? _giveBack;
    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    private HttpResponse(HttpConnection connection, Action<HttpConnection>? giveBack)
    {
        _connection = connection;
        _giveBack = giveBack;
    }

    /// <summary>The status code.</summary>
    public int Status { get; private set; }

    /// <summary>The body. After 101, the raw stream in both directions.</summary>
    public BodyStream Body { get; private set; } = null!;

    /// <summary>The connection, for a hijacked stream, which owns it from then on.</summary>
    public HttpConnection Connection => _connection;

    /// <summary>A header's value; null when there is none.</summary>
    public string? FindHeader(string name) => _headers.GetValueOrDefault(name);

    /// <summary>Reads the head of a response.</summary>
    /// <param name="connection">Where from.</param>
    /// <param name="headOnly">The request was HEAD: there is no body.</param>
    /// <param name="hijack">Whether a body without length goes on in both directions.</param>
    /// <param name="giveBack">Takes the connection back when the body was read to its end and it may be used again.</param>
    /// <returns>Null when the peer closed before it answered.</returns>
    public static HttpResponse? Read(HttpConnection connection, bool headOnly, bool hijack, Action<HttpConnection>? giveBack)
    {
        while (true)
        {
            var statusLine = connection.ReadLine();
            if (statusLine is null)
                return null;
            var parts = statusLine.Split(' ', 3);
            if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
                throw GantryException.Of(ErrorKind.Unavailable, $"what listens there does not speak HTTP: it answered \"{Shortened(statusLine)}\"");
            var response = new HttpResponse(connection, giveBack) { Status = status };
            response.ReadHeaders();
            if (status is >= 100 and < 200 and not 101)
                continue;
            response.Body = response.ChooseBody(headOnly, hijack);
            return response;
        }
    }

    public void Dispose()
    {
        var close = _headers.TryGetValue("Connection", out var value) && value.Contains("close", StringComparison.OrdinalIgnoreCase);
        if (_giveBack is not null && !close && Body.Ended && Status != 101)
            _giveBack(_connection);
        else
            _connection.Dispose();
    }

    private void ReadHeaders()
    {
        while (_connection.ReadLine() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                _headers[line[..colon].Trim()] = line[(colon + 1)..].Trim();
        }
    }

    private BodyStream ChooseBody(bool headOnly, bool hijack)
    {
        if (headOnly || Status is 204 or 304)
            return new BodyStream(_connection, BodyFraming.Counted, 0);
        if (Status == 101)
            return new BodyStream(_connection, BodyFraming.UntilClosed, 0);
        if (FindHeader("Transfer-Encoding")?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true)
            return new BodyStream(_connection, BodyFraming.Chunked, 0);
        if (!hijack && long.TryParse(FindHeader("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return new BodyStream(_connection, BodyFraming.Counted, length);
        return FindHeader("Content-Length") is { } text && Status >= 400
            ? new BodyStream(_connection, BodyFraming.Counted, long.Parse(text, CultureInfo.InvariantCulture))
            : new BodyStream(_connection, BodyFraming.UntilClosed, 0);
    }

    private static string Shortened(string text) => text.Length > 80 ? text[..80] + "…" : text;
}

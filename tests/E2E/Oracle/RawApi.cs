using System.Net.Sockets;
using System.Text;

namespace Gantry.Tests.E2E.Oracle;

/// <summary>Sends requests to an engine's socket as they stand.</summary>
internal sealed class RawApi : IDisposable
{
    private readonly HttpClient _client;

    public RawApi(string socket) => _client = new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="request">Method, path and, after another space, a JSON body: <c>POST /volumes/create {"Name":"a"}</c>.</param>
    public async Task<Answer> AskAsync(string request)
    {
        var words = request.Split(' ', 3);
        using var message = new HttpRequestMessage(new HttpMethod(words[0]), $"http://engine{words[1]}");
        if (words.Length == 3)
            message.Content = new StringContent(words[2], Encoding.UTF8, "application/json");
        return await SendAsync(message);
    }

    /// <summary>Sends a file as the body.</summary>
    public async Task<Answer> UploadAsync(string target, string file)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"http://engine{target}") { Content = new StreamContent(File.OpenRead(file)) };
        message.Content.Headers.ContentType = new("application/x-tar");
        return await SendAsync(message);
    }

    public void Dispose() => _client.Dispose();

    private async Task<Answer> SendAsync(HttpRequestMessage message)
    {
        using var response = await _client.SendAsync(message);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync());
    }

    /// <param name="Status">The HTTP status.</param>
    /// <param name="MediaType">Without parameters; empty when there is none.</param>
    /// <param name="Body">As text.</param>
    internal sealed record Answer(int Status, string MediaType, string Body);
}

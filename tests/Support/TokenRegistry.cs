using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Gantry.Tests.Support;

/// <summary>A registry that lets in only who shows a token of its token server: an empty docker-registry behind it does the rest.</summary>
public sealed class TokenRegistry : IAsyncDisposable
{
    /// <summary>What gets in.</summary>
    public const string Token = "a-token";

    /// <summary>What the token server gives a token for.</summary>
    public const string Identity = "an-identity";

    private readonly HttpListener _listener = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly RegistryFixture _registry;
    private readonly Task _loop;

    private TokenRegistry(RegistryFixture registry)
    {
        _registry = registry;
        Address = $"127.0.0.1:{RegistryFixture.FreePort()}";
        _listener.Prefixes.Add($"http://{Address}/");
        _listener.Start();
        _loop = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Address { get; }

    /// <summary>Where tokens are.</summary>
    public string Realm => $"http://{Address}/token";

    /// <summary>What was shown, as the header <c>Authorization</c> or a form.</summary>
    public ConcurrentQueue<string> Shown { get; } = new();

    public static async Task<TokenRegistry> StartAsync() => new(await RegistryFixture.StartEmptyAsync());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
        _http.Dispose();
        await _registry.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        var answering = new List<Task>();
        while (true)
        {
            try
            {
                answering.Add(AnswerAsync(await _listener.GetContextAsync()));
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                await ((Task)Task.WhenAll(answering)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body);
        var shown = request.Headers["Authorization"];
        if (shown is not null)
            Shown.Enqueue(shown);
        if (request.Url!.AbsolutePath == "/token")
        {
            var form = Encoding.UTF8.GetString(body.ToArray());
            Shown.Enqueue(form);
            response.StatusCode = form.Contains("refresh_token=" + Identity, StringComparison.Ordinal) ? 200 : 401;
            response.Close(Encoding.UTF8.GetBytes(response.StatusCode == 200 ? $$"""{"access_token":"{{Token}}"}""" : "{}"), willBlock: false);
            return;
        }

        if (shown != "Bearer " + Token)
        {
            response.StatusCode = 401;
            var name = request.Url.AbsolutePath.Split('/') is [_, "v2", var repository, ..] ? repository : "";
            response.Headers["WWW-Authenticate"] = $"Bearer realm=\"{Realm}\",service=\"tests\",scope=\"repository:{name}:pull,push\"";
            response.Close();
            return;
        }

        using var passed = new HttpRequestMessage(new HttpMethod(request.HttpMethod), _registry.Url + request.RawUrl) { Content = new ByteArrayContent(body.ToArray()) };
        passed.Headers.Host = Address;
        if (request.ContentType is { } type)
            passed.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var accepted in request.AcceptTypes ?? [])
            passed.Headers.TryAddWithoutValidation("Accept", accepted);
        using var answer = await _http.SendAsync(passed);
        response.StatusCode = (int)answer.StatusCode;
        response.ContentType = answer.Content.Headers.ContentType?.ToString();
        if (answer.Headers.Location is { } location)
            response.Headers["Location"] = location.ToString();
        if (request.HttpMethod == "HEAD")
            response.Close();
        else
            response.Close(await answer.Content.ReadAsByteArrayAsync(), willBlock: false);
    }
}

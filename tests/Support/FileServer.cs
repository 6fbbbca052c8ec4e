using System.Collections.Concurrent;
using System.Net;

namespace Gantry.Tests.Support;

/// <summary>A web server on 127.0.0.1 for the files of a directory: enough for git's oldest way of fetching, too.</summary>
public sealed class FileServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _directory;
    private readonly Task _loop;

    /// <summary>Serves a directory.</summary>
    public FileServer(string directory)
    {
        _directory = directory;
        var port = RegistryFixture.FreePort();
        Url = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _loop = ServeAsync();
    }

    /// <summary>Without a slash at its end.</summary>
    public string Url { get; }

    /// <summary>What each request asked for, and the login that it had; null: none.</summary>
    public ConcurrentQueue<(string Path, string? Login)> Requests { get; } = new();

    /// <summary>What must be the login; null: nothing.</summary>
    public string? Login { get; set; }

    /// <summary>Headers of all answers.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Close();
        _loop.Wait(TimeSpan.FromSeconds(10));
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
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Answer(context.Request, context.Response);
        }
    }

    private void Answer(HttpListenerRequest request, HttpListenerResponse response)
    {
        using (response)
        {
            var login = request.Headers["Authorization"];
            Requests.Enqueue((request.Url!.AbsolutePath, login));
            var file = new FileInfo(Path.Combine(_directory, Uri.UnescapeDataString(request.Url.AbsolutePath).TrimStart('/')));
            if (Login is { } wanted && login != wanted)
            {
                response.StatusCode = (int)HttpStatusCode.Unauthorized;
                return;
            }

            if (!file.Exists)
            {
                response.StatusCode = (int)HttpStatusCode.NotFound;
                return;
            }

            response.Headers["Last-Modified"] = file.LastWriteTimeUtc.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            foreach (var (name, value) in Headers)
                response.Headers[name] = value;
            response.ContentLength64 = file.Length;
            using var content = file.OpenRead();
            content.CopyTo(response.OutputStream);
        }
    }
}

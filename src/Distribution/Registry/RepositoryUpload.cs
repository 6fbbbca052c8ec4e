using System.Net;
using System.Net.Http.Headers;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Distribution;

/// <summary>Puts content into one repository of a registry: blobs first, then the manifests that name them. Mirrors are never written to.</summary>
/// <remarks>Source: OCI distribution-spec, "Push". Calls may run side by side.</remarks>
public sealed class RepositoryUpload
{
    private const int MostAttempts = 3;
    private const int LargestErrorBody = 64 << 10;

    private readonly RegistryClient _client;
    private readonly ImageReference _repository;
    private readonly RegistryEndpoint _endpoint;
    private readonly Authorizer _authorizer;

    internal RepositoryUpload(RegistryClient client, ImageReference repository, IRegistryAccess access)
    {
        _client = client;
        _repository = repository;
        _endpoint = RegistryEndpoint.For(repository.Domain, client.Options).Last(static e => !e.IsMirror);
        _authorizer = new(address => _client.For(_endpoint, address), $"repository:{repository.Path}:pull,push", access);
    }

    /// <summary>Whether the repository has a blob already.</summary>
    /// <exception cref="GantryException">Unauthenticated, Forbidden, Unavailable.</exception>
    public async Task<bool> HasAsync(Digest blob, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Head, $"blobs/{blob}", null, cancellationToken);
        return response.IsSuccessStatusCode || (response.StatusCode == HttpStatusCode.NotFound ? false : throw await RefusedAsync(response, cancellationToken));
    }

    /// <summary>Puts a blob there, unless the repository has it.</summary>
    /// <param name="open">Opens its content at the beginning; again for each attempt.</param>
    /// <param name="progress">Is told how many bytes were sent.</param>
    /// <returns>Whether it was sent.</returns>
    /// <exception cref="GantryException">Forbidden: nobody with these credentials may push there. Unauthenticated, Unavailable, Exhausted.</exception>
    public async Task<bool> PutBlobAsync(Descriptor blob, Func<Stream> open, Action<long>? progress, CancellationToken cancellationToken)
    {
        if (await HasAsync(blob.Digest, cancellationToken))
            return false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var session = await BeginAsync(cancellationToken);
                var target = new Uri(session.AbsoluteUri + (session.Query.Length > 0 ? "&" : "?") + "digest=" + Uri.EscapeDataString(blob.Digest.ToString()));
                using var response = await SendAsync(HttpMethod.Put, target, () => Body(blob, open, progress), cancellationToken);
                if (!response.IsSuccessStatusCode)
                    throw await RefusedAsync(response, cancellationToken);
                return true;
            }
            catch (GantryException broken) when (broken.Kind == ErrorKind.Unavailable && attempt < MostAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 << attempt), cancellationToken);
            }
        }
    }

    /// <summary>Puts a manifest or an index there; all that it names must be there.</summary>
    /// <param name="tagOrDigest">What it is to be found by.</param>
    /// <exception cref="GantryException">As for a blob. Invalid: the registry does not take it.</exception>
    public async Task PutManifestAsync(string tagOrDigest, string mediaType, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            HttpMethod.Put,
            AddressOf($"manifests/{tagOrDigest}"),
            () => new ReadOnlyMemoryContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } },
            cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await RefusedAsync(response, cancellationToken);
    }

    private static StreamContent Body(Descriptor blob, Func<Stream> open, Action<long>? progress)
    {
        var body = new StreamContent(progress is null ? open() : new CountedStream(open(), progress), 128 << 10);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        body.Headers.ContentLength = blob.Size;
        return body;
    }

    // Where the registry wants the content to go; it may be another server.
    private async Task<Uri> BeginAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, "blobs/uploads/", static () => new ByteArrayContent([]), cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw await RefusedAsync(response, cancellationToken);
        var asked = response.RequestMessage!.RequestUri!;
        var location = response.Headers.Location ?? throw GantryException.Of(ErrorKind.Unavailable, $"the registry {asked.Authority} does not say where an upload goes");
        var target = new Uri(asked, location);
        return target.Scheme == asked.Scheme || target.Scheme == "https"
            ? target
            : throw GantryException.Of(ErrorKind.Forbidden, $"the registry {asked.Authority} wants uploads at {RegistryErrors.Plain(target)}, away from TLS: refused");
    }

    private Uri AddressOf(string path)
    {
        var authority = _endpoint.Address.Authority;
        var plain = _endpoint.IsInsecure && _client.PlainHttp.ContainsKey(authority);
        return new Uri($"{(plain ? "http" : "https")}://{authority}/v2/{_repository.Path}/{path}");
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken cancellationToken) => SendAsync(method, AddressOf(path), body, cancellationToken);

    // A server listed as insecure may speak no TLS at all: that is found out by the first request.
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, Func<HttpContent>? body, CancellationToken cancellationToken)
    {
        try
        {
            return await AnsweredAsync(method, address, body, cancellationToken);
        }
        catch (HttpRequestException e) when (address.Scheme == "https" && _endpoint.IsInsecure && e.HttpRequestError is HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError)
        {
            try
            {
                var response = await AnsweredAsync(method, new UriBuilder(address) { Scheme = "http", Port = address.IsDefaultPort ? 80 : address.Port }.Uri, body, cancellationToken);
                _client.PlainHttp[_endpoint.Address.Authority] = true;
                return response;
            }
            catch (HttpRequestException plain)
            {
                throw RegistryErrors.Unreachable(address, plain);
            }
        }
        catch (HttpRequestException e)
        {
            throw RegistryErrors.Unreachable(address, e);
        }
    }

    private async Task<HttpResponseMessage> AnsweredAsync(HttpMethod method, Uri address, Func<HttpContent>? body, CancellationToken cancellationToken)
    {
        for (var answered = false; ; answered = true)
        {
            using var request = new HttpRequestMessage(method, address) { Content = body?.Invoke() };
            // Only the registry itself sees what it asked for; where it leads uploads to does not.
            var isOwn = address.Authority == _endpoint.Address.Authority;
            if (isOwn)
                request.Headers.Authorization = _authorizer.For(address);
            var response = await _client.For(_endpoint, address).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.Unauthorized || !isOwn || answered)
                return response;
            if (!await _authorizer.AnswerAsync(address, response, mayShowCredentials: true, cancellationToken))
                return response;
            response.Dispose();
        }
    }

    private async Task<GantryException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = response.RequestMessage?.Method == HttpMethod.Head ? [] : await Bounded.ReadAsync(response, LargestErrorBody, cancellationToken);
        return RegistryErrors.OfPush(response.StatusCode, body, _repository, response.RequestMessage!.RequestUri!);
    }

    private sealed class CountedStream(Stream inner, Action<long> progress) : ForwardStream
    {
        private long _count;

        public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Counted(await inner.ReadAsync(buffer, cancellationToken));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        private int Counted(int read)
        {
            _count += read;
            if (read > 0)
                progress(_count);
            return read;
        }
    }
}

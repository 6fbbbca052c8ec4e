using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Distribution;

/// <summary>
/// A conversation about one repository: manifests, blobs. Servers are asked in order, mirrors first; the one that had the
/// manifest is asked for blobs first.
/// </summary>
public sealed class RepositoryClient : IImageSource
{
    private const int MostRedirects = 10;
    private const int LargestErrorBody = 64 << 10;
    private const int MostTags = 10_000;

    private readonly RegistryClient _client;
    private readonly ImageReference _reference;
    private readonly IRegistryAccess _access;
    private readonly Dictionary<RegistryEndpoint, Authorizer> _authorizers = [];
    private readonly Lock _lock = new();
    private IReadOnlyList<RegistryEndpoint> _endpoints;

    internal RepositoryClient(RegistryClient client, ImageReference reference, IRegistryAccess access)
    {
        _client = client;
        _reference = reference;
        _access = access;
        _endpoints = RegistryEndpoint.For(reference.Domain, client.Options);
    }

    /// <summary>A manifest or index by tag or digest.</summary>
    /// <exception cref="GantryException">NotFound, Unauthenticated, Unavailable, Exhausted (rate limit); Invalid: it is not what its digest says, or no manifest.</exception>
    public async Task<FetchedManifest> GetManifestAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        var failures = new List<(RegistryEndpoint Endpoint, GantryException Error)>();
        foreach (var endpoint in _endpoints)
        {
            try
            {
                var manifest = await RetryAsync(() => GetManifestAsync(endpoint, tagOrDigest, cancellationToken), cancellationToken);
                // What has the manifest has the blobs, most likely.
                _endpoints = [endpoint, .. _endpoints.Where(e => e != endpoint)];
                return manifest;
            }
            catch (GantryException e) when (endpoint.IsMirror || failures.Count > 0)
            {
                failures.Add((endpoint, e));
            }
        }

        throw Summary(failures);
    }

    /// <summary>All tags of the repository, as its registry or a mirror lists them.</summary>
    /// <exception cref="GantryException">NotFound, Unauthenticated, Unavailable, Exhausted; Invalid: a list without end.</exception>
    public async Task<IReadOnlyList<string>> GetTagsAsync(CancellationToken cancellationToken)
    {
        var failures = new List<(RegistryEndpoint Endpoint, GantryException Error)>();
        foreach (var endpoint in _endpoints)
        {
            try
            {
                return await RetryAsync(() => GetTagsAsync(endpoint, cancellationToken), cancellationToken);
            }
            catch (GantryException e) when (endpoint.IsMirror || failures.Count > 0)
            {
                failures.Add((endpoint, e));
            }
        }

        throw Summary(failures);
    }

    /// <summary>Fetches a blob, taking broken downloads up where they broke off.</summary>
    /// <param name="blob">Its digest and size; more bytes than declared never reach the sink.</param>
    /// <param name="sink">Is given the bytes in order, each once.</param>
    /// <exception cref="GantryException">NotFound, Unavailable; Invalid: it ends early, again and again.</exception>
    public async Task DownloadAsync(Descriptor blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        long received = 0;
        var failures = new List<(RegistryEndpoint Endpoint, GantryException Error)>();
        foreach (var endpoint in _endpoints)
        {
            for (var attempt = 1; ; attempt++)
            {
                var before = received;
                try
                {
                    received = await DownloadAsync(endpoint, blob, received, sink, cancellationToken);
                    if (received == blob.Size)
                        return;
                    throw new HttpIOException(HttpRequestError.ResponseEnded, "it ended early");
                }
                catch (GantryException e) when (e.Kind is ErrorKind.NotFound or ErrorKind.Unauthenticated or ErrorKind.Exhausted)
                {
                    failures.Add((endpoint, e));
                    break;
                }
                catch (Exception e) when (IsBroken(e, cancellationToken))
                {
                    if (e is BrokenDownloadException broken)
                        received = broken.Received;
                    // As long as bytes come it is worth going on.
                    if (received > before)
                        attempt = 1;
                    if (attempt >= _client.Options.MostAttempts)
                    {
                        failures.Add((endpoint, e as GantryException ?? GantryException.Of(ErrorKind.Unavailable, $"the download of {blob.Digest} from {endpoint.Address.Authority} broke off after {received} of {blob.Size} bytes, {attempt} times: {(e.InnerException ?? e).Message}", cause: e)));
                        break;
                    }

                    await BackOffAsync(attempt, cancellationToken);
                }
            }
        }

        throw Summary(failures);
    }

    private static bool IsBroken(Exception e, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && e is IOException or HttpRequestException or OperationCanceledException or BrokenDownloadException or GantryException { Kind: ErrorKind.Unavailable };

    private static Task BackOffAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds((100 << Math.Min(attempt, 5)) + Random.Shared.Next(100)), cancellationToken);

    private static string Name(Descriptor blob) => blob.Digest.ToString();

    private static async Task<T> RetryAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await request();
            }
            catch (GantryException e) when (e.Kind == ErrorKind.Unavailable && e.InnerException is null && attempt < 3)
            {
                // The server answered, but not with an answer (5xx).
                await BackOffAsync(attempt, cancellationToken);
            }
        }
    }

    // Several servers failed: what the last said counts, unless one of them does not have it and the rest cannot be reached.
    private static GantryException Summary(List<(RegistryEndpoint Endpoint, GantryException Error)> failures)
    {
        var (lastEndpoint, last) = failures[^1];
        var known = failures.Find(f => f.Error.Kind is not ErrorKind.Unavailable).Error;
        if (last.Kind != ErrorKind.Unavailable || failures.Count == 1)
            return last;
        // A server that began to answer tells more than one that cannot be reached.
        known ??= failures[0].Error;
        return GantryException.Of(known.Kind, $"{known.Message} (that is the mirror's answer; {lastEndpoint.Address.Authority} cannot be reached)", cause: last);
    }

    private async Task<FetchedManifest> GetManifestAsync(RegistryEndpoint endpoint, string tagOrDigest, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(endpoint, $"v2/{_reference.Path}/manifests/{tagOrDigest}", FetchedManifest.Types, null, cancellationToken);
        var content = await WithSilenceLimitAsync(token => Bounded.ReadAsync(response, ImageDocuments.LargestManifest, token), endpoint, cancellationToken);
        var actual = Digest.OfSha256(SHA256.HashData(content));
        var isDigest = Digest.TryParse(tagOrDigest, out var wanted);
        if (isDigest && wanted.Algorithm == "sha512")
            actual = Digest.Parse("sha512:" + Convert.ToHexStringLower(SHA512.HashData(content)));
        if (isDigest && wanted != actual)
            throw GantryException.Of(ErrorKind.Invalid, $"manifest verification failed for digest {wanted}: {endpoint.Address.Authority} sent something else ({actual})");
        return FetchedManifest.Read(response.Content.Headers.ContentType?.MediaType, content, actual, _reference.Familiar);
    }

    private async Task<IReadOnlyList<string>> GetTagsAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        var tags = new List<string>();
        var pages = 0;
        for (var path = $"v2/{_reference.Path}/tags/list"; path is not null;)
        {
            using var response = await SendAsync(endpoint, path, ["application/json"], null, cancellationToken);
            var content = await WithSilenceLimitAsync(token => Bounded.ReadAsync(response, ImageDocuments.LargestManifest, token), endpoint, cancellationToken);
            try
            {
                tags.AddRange(JsonSerializer.Deserialize(content, DistributionJsonContext.Default.TagPage)?.Tags ?? []);
            }
            catch (JsonException e)
            {
                throw GantryException.Of(ErrorKind.Invalid, $"the registry's list of tags for {_reference.FamiliarName} is not one: {e.Message}", cause: e);
            }

            if (tags.Count + ++pages > MostTags)
                throw GantryException.Of(ErrorKind.Invalid, $"the registry lists more than {MostTags} tags for {_reference.FamiliarName}: name one");
            path = NextPage(response, path);
        }

        return tags;
    }

    // Link: </v2/x/tags/list?n=50&last=b>; rel="next". Only the query is taken, so that a list cannot lead elsewhere.
    private static string? NextPage(HttpResponseMessage response, string path)
    {
        if (!response.Headers.TryGetValues("Link", out var links) || links.FirstOrDefault(static l => l.Contains("rel=\"next\"", StringComparison.Ordinal)) is not { } link)
            return null;
        var query = link.IndexOf('?', StringComparison.Ordinal);
        var end = link.IndexOf('>', StringComparison.Ordinal);
        return query < 0 || end < query ? null : path.Split('?')[0] + link[query..end];
    }

    private async Task<long> DownloadAsync(RegistryEndpoint endpoint, Descriptor blob, long from, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(endpoint, $"v2/{_reference.Path}/blobs/{Name(blob)}", ["*/*"], from, cancellationToken);
        // A server that cannot begin in the middle sends everything again.
        var skip = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == from ? 0 : from;
        var received = from;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            while (true)
            {
                int read;
                try
                {
                    silence.CancelAfter(_client.Options.SilenceLimit);
                    read = await stream.ReadAsync(buffer, silence.Token);
                }
                catch (Exception e) when (IsBroken(e, cancellationToken))
                {
                    throw new BrokenDownloadException(received, e);
                }

                if (read == 0)
                    return received;
                var fresh = (int)Math.Max(0, read - skip);
                skip -= read - fresh;
                if (fresh == 0)
                    continue;
                if (received + fresh > blob.Size)
                    throw GantryException.Of(ErrorKind.Invalid, $"content {blob.Digest} is larger than the {blob.Size} bytes that its descriptor declares");
                sink(buffer.AsMemory(read - fresh, fresh));
                received += fresh;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(RegistryEndpoint endpoint, string path, string[] accept, long? from, CancellationToken cancellationToken)
    {
        var authority = endpoint.Address.Authority;
        var plain = endpoint.Address.Scheme == "http" || (endpoint.IsInsecure && _client.PlainHttp.ContainsKey(authority));
        var address = new Uri($"{(plain ? "http" : "https")}://{authority}{endpoint.Address.AbsolutePath}{path}");
        try
        {
            return await SendAsync(endpoint, address, accept, from, cancellationToken);
        }
        catch (HttpRequestException e) when (!plain && endpoint.IsInsecure && e.HttpRequestError is HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError)
        {
            var response = await SendPlainAsync(endpoint, new UriBuilder(address) { Scheme = "http", Port = address.Port == 443 && address.IsDefaultPort ? 80 : address.Port }.Uri, accept, from, cancellationToken);
            _client.PlainHttp[authority] = true;
            return response;
        }
        catch (HttpRequestException e)
        {
            throw RegistryErrors.Unreachable(address, e);
        }
    }

    private async Task<HttpResponseMessage> SendPlainAsync(RegistryEndpoint endpoint, Uri address, string[] accept, long? from, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(endpoint, address, accept, from, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw RegistryErrors.Unreachable(address, e);
        }
    }

    // Follows redirects and answers challenges; returns a success, headers only.
    private async Task<HttpResponseMessage> SendAsync(RegistryEndpoint endpoint, Uri address, string[] accept, long? from, CancellationToken cancellationToken)
    {
        var authorizer = AuthorizerOf(endpoint);
        var first = address;
        var answered = false;
        for (var redirects = 0; redirects <= MostRedirects;)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            foreach (var type in accept)
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
            if (from > 0)
                request.Headers.Range = new RangeHeaderValue(from, null);
            // Only the registry itself sees what it asked for; where it redirects to (storage) does not.
            if (SameServer(address, first))
                request.Headers.Authorization = authorizer.For(address);
            var response = await WithSilenceLimitAsync(token => _client.For(endpoint, address).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), endpoint, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                if (response.Headers.Location is { } location && (int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
                {
                    redirects++;
                    address = Redirect(address, location!);
                    continue;
                }

                if (response.StatusCode == HttpStatusCode.Unauthorized && SameServer(address, first) && !answered)
                {
                    answered = true;
                    if (await authorizer.AnswerAsync(address, response, !endpoint.IsMirror, cancellationToken))
                        continue;
                }

                var body = await Bounded.ReadAsync(response, LargestErrorBody, cancellationToken);
                throw RegistryErrors.Of(response.StatusCode, body, _reference, address);
            }
        }

        throw GantryException.Of(ErrorKind.Unavailable, $"the registry {first.Authority} redirects more than {MostRedirects} times");
    }

    private static Uri Redirect(Uri from, Uri location)
    {
        var to = new Uri(from, location);
        if (to.Scheme is not ("https" or "http") || (from.Scheme == "https" && to.Scheme != "https"))
            throw GantryException.Of(ErrorKind.Forbidden, $"the registry {from.Authority} redirects to {RegistryErrors.Plain(to)}, away from TLS: refused");
        return to;
    }

    private static bool SameServer(Uri a, Uri b) => a.Scheme == b.Scheme && a.Authority == b.Authority;

    private async Task<T> WithSilenceLimitAsync<T>(Func<CancellationToken, Task<T>> request, RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(_client.Options.SilenceLimit);
        try
        {
            return await request(silence.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw RegistryErrors.Unreachable(endpoint.Address, new TimeoutException("it does not answer", e));
        }
    }

    private Authorizer AuthorizerOf(RegistryEndpoint endpoint)
    {
        lock (_lock)
        {
            if (!_authorizers.TryGetValue(endpoint, out var authorizer))
                _authorizers.Add(endpoint, authorizer = new(address => _client.For(endpoint, address), $"repository:{_reference.Path}:pull", endpoint.IsMirror ? null : _access));
            return authorizer;
        }
    }

    // Carries how far the download came.
    private sealed class BrokenDownloadException(long received, Exception cause) : Exception(cause.Message, cause)
    {
        public long Received { get; } = received;
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Downloads one file of a web server into a tree of its own.</summary>
/// <remarks>Source: BuildKit source/http.</remarks>
internal sealed class HttpDownload(HttpClient http, IBuildSession session, TimeProvider time)
{
    private const int BufferBytes = 128 << 10;
    private const int Rw_______ = 0x180;

    /// <summary>Downloads.</summary>
    /// <exception cref="GantryException">Unavailable: the server does not give it. Invalid: it is not what its checksum says.</exception>
    public async Task<StepResult> RunAsync(HttpSource source, string directory, IBuildProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            using var request = await RequestAsync(source, cancellationToken);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
                throw GantryException.Of(ErrorKind.Unavailable, $"invalid response status {(int)response.StatusCode} from {source.Url}");
            var path = Path.Combine(directory, source.FileName ?? NameOf(response, source.Url));
            var digest = await ReceiveAsync(source, response, path, progress, cancellationToken);
            if (source.Checksum is { } wanted && wanted != digest)
                throw GantryException.Of(ErrorKind.Invalid, $"digest mismatch {digest}: {wanted}");
            var modified = (response.Content.Headers.LastModified ?? DateTimeOffset.UnixEpoch).UtcDateTime;
            File.SetUnixFileMode(path, (UnixFileMode)(source.Mode ?? Rw_______));
            File.SetLastWriteTimeUtc(path, modified);
            using var key = new KeyWriter();
            return new()
            {
                Identity = key.Add(digest.ToString()).Add(Path.GetFileName(path)).Add(source.Mode ?? -1).Add(modified.Ticks).Finish(),
                Reference = new BuildTree { Directory = directory, OwnedByRoot = true }.Reference,
                Revision = digest.ToString(),
            };
        }
        catch (HttpRequestException failure)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"failed to load {source.Url}: {failure.Message}", cause: failure);
        }
    }

    // A secret of the server's name is a login for it.
    private async Task<HttpRequestMessage> RequestAsync(HttpSource source, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(source.Url));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("gantry", null));
        var host = request.RequestUri!.Host;
        if (await session.FindSecretAsync("HTTP_AUTH_TOKEN_" + host, cancellationToken) is { } token)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Encoding.UTF8.GetString(token).Trim());
        else if (await session.FindSecretAsync("HTTP_AUTH_HEADER_" + host, cancellationToken) is { } header)
            request.Headers.TryAddWithoutValidation("Authorization", Encoding.UTF8.GetString(header).Trim());
        return request;
    }

    private async Task<Digest> ReceiveAsync(HttpSource source, HttpResponseMessage response, string path, IBuildProgress progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(source.Checksum?.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[BufferBytes];
        for (long received = 0; await body.ReadAsync(buffer, cancellationToken) is > 0 and var read;)
        {
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            received += read;
            progress.Report(new VertexStatus { Vertex = source.Digest, Id = "downloading", Current = received, Total = response.Content.Headers.ContentLength ?? 0, Time = time.GetUtcNow() });
        }

        return Digest.Parse($"{(source.Checksum?.Algorithm == "sha512" ? "sha512" : "sha256")}:{Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    // The name by header or URL.
    private static string NameOf(HttpResponseMessage response, string url)
    {
        var named = response.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? Uri.UnescapeDataString(new Uri(url).AbsolutePath.TrimEnd('/').Split('/')[^1]);
        return named.Length is 0 or > 255 || named is "." or ".." || named.Contains('/', StringComparison.Ordinal) || named.Contains('\0', StringComparison.Ordinal) ? "__unnamed__" : named;
    }
}

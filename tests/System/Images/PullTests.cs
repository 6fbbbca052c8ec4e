using System.Text;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;
using Gantry.Tests.System.Store;
using Xunit;

namespace Gantry.Tests.System.Images;

public sealed class PullTests : IAsyncLifetime
{
    private static readonly byte[] s_layer = new TarBuilder().File("f", "hello").Build();
    private static readonly byte[] s_large = new TarBuilder().Add("large", '0', global::System.Security.Cryptography.RandomNumberGenerator.GetBytes(3 << 20)).Build();

    private readonly FakeRegistry _registry = new();
    private readonly ImageFixture _local;

    public PullTests() => _local = new(_registry.Url);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _local.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task PullsThroughAProxy()
    {
        var id = _registry.AddImage("library/x", "latest", s_layer);
        await using var proxy = new FakeProxy(_registry.Port);
        // No resolver knows the name: only the proxy can lead to it.
        using var local = new ImageFixture(new Gantry.Distribution.RegistryOptions { Mirrors = ["http://mirror.invalid:5000"], Proxies = new() { Http = proxy.Url } });
        Assert.Equal(id, (await local.PullAsync("x")).Id);
        Assert.Contains(proxy.Seen, line => line.StartsWith("GET http://mirror.invalid:5000/v2/library/x/manifests/latest ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PullsThroughTheMirrorAndTellsLikeDocker()
    {
        var id = _registry.AddImage("library/x", "latest", s_layer, s_large);
        var image = await _local.PullAsync("x");
        Assert.Equal((id, "x:latest"), (image.Id, image.Reference!.Familiar));
        var stack = _local.Store.Content.Layers.Stack(image.DiffIds);
        Assert.Equal("hello", File.ReadAllText(Path.Combine(_local.Store.Content.Layers.PathOf(stack[0]), "f")));
        var lines = _local.Progress.Select(p => p.ToJson()).ToList();
        Assert.Equal("""{"status":"Pulling from library/x","progressDetail":{},"id":"latest"}""", lines[0].Replace("\\u0022", "\"", StringComparison.Ordinal));
        foreach (var status in new[] { "Pulling fs layer", "Downloading", "Verifying Checksum", "Download complete", "Pull complete" })
            Assert.Contains(_local.Progress, p => p.Status == status);
        Assert.Equal("Status: Downloaded newer image for x:latest", _local.Progress[^1].Status);
        Assert.StartsWith("Digest: sha256:", _local.Progress[^2].Status, StringComparison.Ordinal);

        _local.Progress.Clear();
        var blobs = _registry.Count("/blobs/");
        await _local.PullAsync("x");
        Assert.Equal("Status: Image is up to date for x:latest", _local.Progress[^1].Status);
        Assert.Contains(_local.Progress, p => p.Status == "Already exists");
        Assert.Equal(blobs, _registry.Count("/blobs/"));
        _local.Store.Reopen();
        var inspect = _local.Store.Content.Images.Find(id)!;
        Assert.Equal(["docker.io/library/x:latest"], inspect.Tags.Select(t => t.ToString()));
        Assert.StartsWith("docker.io/library/x@sha256:", Assert.Single(inspect.Digests).ToString(), StringComparison.Ordinal);
        Assert.Contains("docker.io/library/x:latest", File.ReadAllText(Path.Combine(_local.Store.Root, "content/index.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullsAllTags()
    {
        foreach (var tag in (string[])["1", "2", "3", "latest"])
            _registry.AddImage("library/x", tag, s_layer, new TarBuilder().File("tag", tag).Build());
        var everything = ImageReference.Parse("x");
        await _local.Images.PullAllAsync(everything, null, null, _local.Progress.Add, CancellationToken.None);
        Assert.Equal(["x:1", "x:2", "x:3", "x:latest"], (await _local.Images.ListAsync(new(), CancellationToken.None)).SelectMany(image => image.RepoTags!).Order(StringComparer.Ordinal));
        Assert.Equal(["1", "2", "3", "latest"], _local.Progress.Where(p => p.Status == "Pulling from library/x").Select(p => p.Id));
        Assert.Equal("Status: Downloaded newer image for x", Assert.Single(_local.Progress, p => p.Status!.StartsWith("Status: ", StringComparison.Ordinal)).Status);

        _local.Progress.Clear();
        await _local.Images.PullAllAsync(everything, null, null, _local.Progress.Add, CancellationToken.None);
        Assert.Equal("Status: Image is up to date for x", _local.Progress[^1].Status);
    }

    [Fact]
    public async Task MovesATag()
    {
        var old = _registry.AddImage("library/x", "latest", s_layer);
        await _local.PullAsync("x");
        var now = _registry.AddImage("library/x", "latest", s_large);
        await _local.PullAsync("x");
        Assert.Equal(now, (await _local.Images.ResolveAsync("x", CancellationToken.None)).Id);
        Assert.Empty((await _local.Images.InspectAsync(old.ToString(), CancellationToken.None)).RepoTags!);
    }

    [Fact]
    public async Task TakesBrokenDownloadsUp()
    {
        _registry.AddImage("library/x", "latest", s_large);
        var broken = 0;
        _registry.Intercept = context =>
        {
            var path = context.Request.Url!.AbsolutePath;
            if (!path.Contains("/blobs/", StringComparison.Ordinal) || _registry.Blobs[path.Split('/')[^1]].Length < 1 << 20 || Interlocked.Increment(ref broken) > 3)
                return false;
            var blob = _registry.Blobs[path.Split('/')[^1]];
            var from = context.Request.Headers["Range"] is { } range ? int.Parse(range["bytes=".Length..^1]) : 0;
            context.Response.StatusCode = from > 0 ? 206 : 200;
            if (from > 0)
                context.Response.Headers["Content-Range"] = $"bytes {from}-{blob.Length - 1}/{blob.Length}";
            context.Response.ContentLength64 = blob.Length - from;
            context.Response.OutputStream.Write(blob, from, 700_000);
            context.Response.OutputStream.Flush();
            context.Response.Abort();
            return true;
        };
        await _local.PullAsync("x");
        Assert.Equal(3, _registry.Seen.Count(s => s.Contains("range=bytes", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AWrongDigestLeavesNothing()
    {
        _registry.AddImage("library/x", "latest", s_layer, s_large);
        var digest = StoreFixture.DigestOf(s_large).ToString();
        _registry.Blobs[digest] = [.. s_large[..^600], .. new byte[600]];
        _registry.Blobs[digest][1000] ^= 1;
        var error = await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x"));
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("does not match its", error.Message, StringComparison.Ordinal);
        Assert.Empty(_local.Kept());
    }

    [Fact]
    public async Task ATruncatedLayerLeavesNothing()
    {
        _registry.AddImage("library/x", "latest", s_large);
        _registry.Blobs[StoreFixture.DigestOf(s_large).ToString()] = s_large[..(1 << 20)];
        var error = await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x"));
        Assert.Contains("broke off", error.Message, StringComparison.Ordinal);
        Assert.Empty(_local.Kept());
    }

    [Fact]
    public async Task MoreBytesThanDeclaredAreRefused()
    {
        _registry.AddImage("library/x", "latest", s_layer);
        _registry.Blobs[StoreFixture.DigestOf(s_layer).ToString()] = [.. s_layer, 0];
        Assert.Contains("larger than", (await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x"))).Message, StringComparison.Ordinal);
        Assert.Empty(_local.Kept());
    }

    [Fact]
    public async Task AnEntryThatMustBeRefusedEndsThePull()
    {
        _registry.AddImage("library/x", "latest", new TarBuilder().File("../out", "x").Build(), s_large);
        Assert.Contains("leads out of the archive's root", (await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x"))).Message, StringComparison.Ordinal);
        Assert.Empty(_local.Kept());
    }

    [Fact]
    public async Task AnUnknownLayerTypeIsNamed()
    {
        _registry.AddImage("library/x", "latest", "application/x-cow", s_layer);
        var error = await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x"));
        Assert.Equal(ErrorKind.NotSupported, error.Kind);
        Assert.Contains("application/x-cow", error.Message, StringComparison.Ordinal);
        Assert.Empty(_local.Kept());
    }

    [Fact]
    public async Task CancellingLeavesNothing()
    {
        _registry.AddImage("library/x", "latest", s_layer, s_large);
        using var cancel = new CancellationTokenSource();
        _registry.Intercept = context =>
        {
            if (context.Request.Url!.AbsolutePath.EndsWith(StoreFixture.DigestOf(s_large).ToString(), StringComparison.Ordinal))
            {
                context.Response.ContentLength64 = s_large.Length;
                context.Response.OutputStream.Write(s_large, 0, 500_000);
                context.Response.OutputStream.Flush();
                cancel.CancelAfter(200);
                return true;
            }

            return false;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _local.PullAsync("x", cancellationToken: cancel.Token));
        Assert.Empty(_local.Kept());
    }

    [Fact]
    public async Task TwoPullsShareADownload()
    {
        _registry.AddImage("library/x", "latest", s_large);
        _registry.AddImage("library/y", "latest", s_large, s_layer);
        await Task.WhenAll(_local.PullAsync("x"), _local.Images.PullAsync(ImageReference.Parse("y"), null, null, _ => { }, CancellationToken.None));
        Assert.Equal(1, _registry.Count($"/blobs/{StoreFixture.DigestOf(s_large)}"));
    }

    [Fact]
    public async Task ChoosesThePlatform()
    {
        var arm = _registry.AddImage("library/x", "arm", new TarBuilder().File("arm", "").Build());
        var amd = _registry.AddImage("library/x", "amd", s_layer);
        string Entry(string tag, string platform) => $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{StoreFixture.DigestOf(_registry.Manifests["library/x:" + tag].Content)}}","size":{{_registry.Manifests["library/x:" + tag].Content.Length}},"platform":{"os":"linux","architecture":"{{platform}}"} }""";
        var index = _registry.AddManifest("library/x", "latest", MediaTypes.OciIndex, $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{Entry("arm", "s390x")}},{{Entry("amd", "amd64")}}]}""");
        Assert.Equal(amd, (await _local.PullAsync("x", new() { Os = "linux", Architecture = "amd64" })).Id);
        Assert.Contains(_local.Progress, p => p.Status == $"Digest: {index}");
        var error = await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x", new() { Os = "linux", Architecture = "riscv64" }));
        Assert.Equal("no matching manifest for linux/riscv64 in the manifest list entries", error.Message);
        Assert.NotEqual(arm, amd);
    }

    [Fact]
    public async Task SaysWhatIsNotThere()
    {
        var error = await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync($"127.0.0.1:{_registry.Port}/nope:1"));
        Assert.Equal((ErrorKind.NotFound, $"manifest for 127.0.0.1:{_registry.Port}/nope:1 not found: manifest unknown: manifest unknown"), (error.Kind, error.Message));
        _registry.Intercept = context =>
        {
            FakeRegistry.Answer(context, 403, """{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"""u8.ToArray());
            return true;
        };
        error = await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync($"127.0.0.1:{_registry.Port}/nope:1"));
        Assert.Equal($"pull access denied for 127.0.0.1:{_registry.Port}/nope, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", error.Message);
    }

    [Fact]
    public async Task AnswersTokenChallengesAndKeepsCredentialsHome()
    {
        await using var storage = new FakeRegistry();
        _registry.AddImage("a/b", "1", s_layer);
        storage.Blobs[StoreFixture.DigestOf(s_layer).ToString()] = s_layer;
        _registry.Intercept = context =>
        {
            var path = context.Request.Url!.AbsolutePath;
            var authorization = context.Request.Headers["Authorization"];
            if (path == "/token")
                FakeRegistry.Answer(context, authorization == "Basic " + Convert.ToBase64String("me:secret"u8) ? 200 : 401, """{"token":"t0k3n"}"""u8.ToArray());
            else if (authorization != "Bearer t0k3n")
            {
                context.Response.Headers["WWW-Authenticate"] = $"Bearer realm=\"{_registry.Url}/token\",service=\"s\",scope=\"repository:a/b:pull\"";
                FakeRegistry.Answer(context, 401, []);
            }
            else if (path.EndsWith(StoreFixture.DigestOf(s_layer).ToString(), StringComparison.Ordinal))
            {
                context.Response.Headers["Location"] = $"{storage.Url}/v2/x/blobs/{StoreFixture.DigestOf(s_layer)}?signature=1";
                FakeRegistry.Answer(context, 307, []);
            }
            else
            {
                return false;
            }

            return true;
        };
        storage.Intercept = context =>
        {
            FakeRegistry.Answer(context, 200, s_layer);
            return true;
        };
        await _local.PullAsync($"127.0.0.1:{_registry.Port}/a/b:1", credentials: new() { Username = "me", Password = "secret" });
        Assert.Contains(_registry.Seen, s => s.StartsWith("/token?service=s&scope=repository%3Aa%2Fb%3Apull&account=me", StringComparison.Ordinal));
        Assert.All(storage.Seen, s => Assert.EndsWith("auth=", s, StringComparison.Ordinal));
        await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync($"127.0.0.1:{_registry.Port}/a/b:1", credentials: new() { Username = "me", Password = "wrong" }));
    }

    [Fact]
    public async Task ShowsAMirrorNoCredentials()
    {
        _registry.AddImage("library/x", "latest", s_layer);
        _registry.Intercept = context =>
        {
            if (context.Request.Headers["Authorization"] is not null)
                return false;
            context.Response.Headers["WWW-Authenticate"] = "Basic realm=\"x\"";
            FakeRegistry.Answer(context, 401, []);
            return true;
        };
        await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x", credentials: new AuthConfig { Username = "me", Password = "secret" }));
        Assert.DoesNotContain(_registry.Seen, s => s.Contains("Basic", StringComparison.Ordinal));
        await _local.PullAsync($"127.0.0.1:{_registry.Port}/library/x", credentials: new AuthConfig { Auth = Convert.ToBase64String(Encoding.UTF8.GetBytes("me:secret")) });
    }

    [Theory]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""")]
    [InlineData("""{"schemaVersion":1}""")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":null,"layers":[null]}""")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:00","size":1},"layers":[]}""")]
    public async Task RefusesDocumentsThatAreNone(string manifest)
    {
        _registry.AddManifest("library/x", "latest", MediaTypes.OciManifest, manifest);
        var error = await Assert.ThrowsAsync<GantryException>(() => _local.PullAsync("x"));
        Assert.NotEqual(ErrorKind.Internal, error.Kind);
        Assert.Empty(_local.Kept());
    }
}

using System.Text.Json;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>Caches that go from one engine to another, and what the engine's own holds.</summary>
public sealed class CacheTests : IAsyncLifetime
{
    private const string Dockerfile = """
        FROM scratch AS base
        COPY bin /bin
        SHELL ["/bin/busybox", "sh", "-c"]
        FROM base AS side
        RUN --mount=type=cache,target=/cache echo side > /made && echo kept >> /cache/file
        FROM base
        COPY src /src
        RUN busybox cat /src/a > /ran
        COPY --from=side /made /got
        """;

    private static readonly string[] s_steps = ["COPY bin", "RUN --mount=type=cache", "COPY src", "RUN busybox", "COPY --from=side"];

    private BuildHost _one = null!;
    private BuildHost _two = null!;
    private string _directory = null!;

    public async ValueTask InitializeAsync() => (_one, _two, _directory) = (await StartAsync(), await StartAsync(), Directory.CreateTempSubdirectory("gantry-cache-").FullName);

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task ADirectoryTakesACacheToAnotherEngine()
    {
        var first = await ExportAsync("max");
        var second = await ImportAsync();
        // Nothing ran, and it is the same image, to the last time.
        Assert.Equal(5, _two.Log.Cached.Count);
        Assert.DoesNotContain(_two.Log.Ran, name => s_steps.Any(step => name.Contains(step, StringComparison.Ordinal)));
        Assert.Equal(first.Image, second.Image);
        Assert.Equal("a\nside\n", await _two.ShellAsync("/bin/busybox cat /ran /got"));

        // It counts for who names it alone: the engine's own cache does not know more than it saw.
        await _two.BuildAsync(Dockerfile);
        Assert.Empty(_two.Log.Cached);
    }

    [Fact]
    public async Task OfTheImageAloneOnlyItsLayersAreThere()
    {
        await ExportAsync("min");
        await ImportAsync();
        Assert.Contains(_two.Log.Ran, name => name.Contains("RUN --mount=type=cache", StringComparison.Ordinal));
        Assert.Contains(_two.Log.Cached, name => name.Contains("RUN busybox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatChangedRunsOnWhatDidNot()
    {
        await ExportAsync("max");
        _two.Write("src/a", "b\n");
        await ImportAsync();
        Assert.Equal(2, _two.Log.Cached.Count);
        Assert.Equal("b\nside\n", await _two.ShellAsync("/bin/busybox cat /ran /got"));
    }

    [Fact]
    public async Task CacheMountsGoAlongWhereBothSidesSaySo()
    {
        await ExportAsync("max", ("mounts", "true"));
        await ImportAsync(("mounts", "true"));
        var mounted = Assert.Single(_two.Host.Engine.Builds.ListCache(), r => r.Kind == "exec.cachemount");
        Assert.Equal("kept\n".Length, mounted.SizeBytes);
        // One that is there stays as it is.
        await _two.BuildAsync(Dockerfile, spec => spec with { NoCache = true, CacheImports = [Import(("mounts", "true"))] });
        Assert.Equal("kept\nkept\n".Length, Assert.Single(_two.Host.Engine.Builds.ListCache(), r => r.Kind == "exec.cachemount").SizeBytes);
    }

    [Theory]
    [InlineData("blob")]
    [InlineData("document")]
    [InlineData("foreign")]
    [InlineData("missing")]
    [InlineData("link")]
    public async Task ABadCacheCostsNothingButItself(string how)
    {
        var first = await ExportAsync("max");
        var blobs = new DirectoryInfo(Path.Combine(_directory, "blobs", "sha256")).EnumerateFiles().OrderBy(f => f.Length).ToList();
        var documents = blobs.Where(f => File.ReadAllText(f.FullName).StartsWith("{\"gantry\"", StringComparison.Ordinal)).ToList();
        switch (how)
        {
            case "blob":
                // The largest holds busybox.
                await File.AppendAllTextAsync(blobs[^1].FullName, "more", Token);
                break;
            case "missing":
                blobs[^1].Delete();
                break;
            case "link":
                blobs[^1].Delete();
                File.CreateSymbolicLink(blobs[^1].FullName, "/etc/passwd");
                break;
            case "document":
                await File.WriteAllTextAsync(Assert.Single(documents).FullName, "{\"gantry\":1,\"layers\":[],\"records\":[]}", Token);
                break;
            default:
                await File.WriteAllTextAsync(Path.Combine(_directory, "index.json"), """{"schemaVersion":2,"manifests":[]}""", Token);
                break;
        }

        await ImportAsync();
        Assert.Equal("a\nside\n", await _two.ShellAsync("/bin/busybox cat /ran /got"));
        Assert.Contains(_two.Log.Ran, name => name.Contains("RUN busybox", StringComparison.Ordinal));
        Assert.NotNull(first.Image);
    }

    [Theory]
    [InlineData("", "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.layer.v1.tar+zstd")]
    [InlineData("image-manifest=false,compression=gzip", "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip")]
    [InlineData("oci-mediatypes=false,compression=gzip", "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.image.rootfs.diff.tar.gzip")]
    public async Task ARegistryTakesACacheToAnotherEngine(string shape, string manifestType, string layerType)
    {
        await using var registry = await RegistryFixture.StartEmptyAsync();
        var name = $"127.0.0.1:{registry.Port}/some/cache:main";
        (string, string)[] more = [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static part => (part.Split('=')[0], part.Split('=')[1]))];
        var export = new CacheSpec { Type = "registry", Attributes = Pairs([("ref", name), ("mode", "max"), ("mounts", "true"), .. more]) };
        var first = await _one.BuildAsync(Dockerfile, spec => spec with { CacheExports = [export] });
        var manifest = await OutputHost.ManifestAsync(name);
        Assert.Equal(manifestType, manifest.GetProperty("mediaType").GetString());
        var (layers, config) = manifest.TryGetProperty("config", out var own)
            ? (manifest.GetProperty("layers").EnumerateArray().ToList(), own)
            : (manifest.GetProperty("manifests").EnumerateArray().SkipLast(1).ToList(), manifest.GetProperty("manifests").EnumerateArray().Last());
        Assert.Equal("application/vnd.buildkit.cacheconfig.v0", config.GetProperty("mediaType").GetString());
        // All five steps made one; the cache mount's content is the sixth.
        Assert.Equal(6, layers.Count);
        Assert.Equal(5, layers.SkipLast(1).Count(layer => layer.GetProperty("mediaType").GetString() == layerType));

        var import = new CacheSpec { Type = "registry", Attributes = Pairs([("ref", name), ("mounts", "true")]) };
        var second = await _two.BuildAsync(Dockerfile, spec => spec with { CacheImports = [import] });
        Assert.Equal(5, _two.Log.Cached.Count);
        Assert.Equal(first.Image, second.Image);
        Assert.Equal("a\nside\n", await _two.ShellAsync("/bin/busybox cat /ran /got"));
        Assert.Equal("kept\n".Length, Assert.Single(_two.Host.Engine.Builds.ListCache(), r => r.Kind == "exec.cachemount").SizeBytes);
        // It is the same again: nothing is written that only this engine knows.
        await _one.BuildAsync(Dockerfile, spec => spec with { CacheExports = [export] });
        Assert.Equal(manifest.GetRawText(), (await OutputHost.ManifestAsync(name)).GetRawText());
    }

    [Fact]
    public async Task ACacheThatCannotBeWrittenFailsTheBuildUnlessThatIsNoMatter()
    {
        var nowhere = new CacheSpec { Type = "registry", Attributes = Pairs([("ref", "127.0.0.1:1/cache:main")]) };
        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<GantryException>(() => _one.BuildAsync(Dockerfile, spec => spec with { CacheExports = [nowhere] }))).Kind);
        await _one.BuildAsync(Dockerfile, spec => spec with { CacheExports = [nowhere with { Attributes = Pairs([("ref", "127.0.0.1:1/cache:main"), ("ignore-error", "true")]) }], CacheImports = [nowhere] });
        Assert.Equal("a\nside\n", await _one.ShellAsync("/bin/busybox cat /ran /got"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1700000000")]
    public async Task AnImageCarriesItsCacheAlong(string? epoch)
    {
        var first = await _one.BuildAsync(Dockerfile, spec => With(spec, epoch) with
        {
            CacheExports = [new() { Type = "inline" }],
            Outputs = [.. spec.Outputs, new BuildOutput { Kind = BuildOutputKind.Docker, Names = ["cached:test"] }],
        });
        _one.Session.Sent.Position = 0;
        await _two.Host.Engine.Images.LoadAsync(_one.Session.Sent, null, quiet: true, _ => { }, Token);
        await _two.BuildAsync(Dockerfile, spec => With(spec, epoch) with { CacheFrom = ["cached:test"] });
        // What the image does not have must run.
        Assert.Equal(["COPY --from=side", "COPY bin", "COPY src", "RUN busybox"], _two.Log.Cached.Select(name => s_steps.Single(step => name.Contains(step, StringComparison.Ordinal))).Order(StringComparer.Ordinal));
        Assert.NotNull(first.Image);
    }

    [Fact]
    public async Task WhatIsMeantIsRefusedInWords()
    {
        async Task RefusedAsync(string why, Func<BuildSpec, BuildSpec> more) =>
            Assert.Contains(why, (await Assert.ThrowsAsync<GantryException>(() => _one.BuildAsync("FROM scratch\n", more))).Message, StringComparison.Ordinal);
        await RefusedAsync("needs a name", spec => spec with { CacheImports = [new() { Type = "registry" }] });
        await RefusedAsync("not possible through this client", spec => spec with { CacheImports = [new() { Type = "local" }] });
        await RefusedAsync("has a digest", spec => spec with { CacheExports = [new() { Type = "registry", Attributes = Pairs([("ref", "some/cache@sha256:" + new string('0', 64))]) }] });
        await RefusedAsync("OCI mediatypes are required", spec => spec with { CacheExports = [new() { Type = "registry", Attributes = Pairs([("ref", "a"), ("image-manifest", "true"), ("oci-mediatypes", "false")]) }] });
        await RefusedAsync("\"s3\" is not supported", spec => spec with { CacheExports = [new() { Type = "s3" }] });
        await RefusedAsync("cache mode \"most\"", spec => spec with { CacheExports = [new() { Type = "inline", Attributes = new Dictionary<string, string> { ["mode"] = "most" } }] });
    }

    private CancellationToken Token => _one.Host.Token;

    private static BuildSpec With(BuildSpec spec, string? epoch) => epoch is null ? spec : spec with { Arguments = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = epoch } };

    private static async Task<BuildHost> StartAsync()
    {
        var host = await BuildHost.StartAsync();
        Directory.CreateDirectory(Path.Combine(host.Context, "bin"));
        foreach (var name in (string[])["busybox", "sh"])
            File.Copy("/bin/busybox", Path.Combine(host.Context, "bin", name));
        host.Write("src/a", "a\n");
        return host;
    }

    // As gantry does, which finds the manifest by its tag.
    private CacheSpec Import(params ReadOnlySpan<(string Key, string Value)> more)
    {
        var manifests = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_directory, "index.json"))).RootElement.GetProperty("manifests");
        return new() { Type = "local", Attributes = Pairs([("context", "cache"), .. manifests.GetArrayLength() == 0 ? [] : new[] { ("digest", manifests[0].GetProperty("digest").GetString()!) }, .. more]) };
    }

    private static Dictionary<string, string> Pairs(params ReadOnlySpan<(string Key, string Value)> pairs) => pairs.ToArray().ToDictionary(p => p.Key, p => p.Value);

    private async Task<BuildOutcome> ExportAsync(string mode, params (string Key, string Value)[] more)
    {
        _one.Session.Directories["cache"] = _directory;
        return await _one.BuildAsync(Dockerfile, spec => spec with { CacheExports = [new() { Type = "local", Attributes = Pairs([("output", "cache"), ("mode", mode), .. more]) }] });
    }

    private Task<BuildOutcome> ImportAsync(params (string Key, string Value)[] more)
    {
        _two.Session.Directories["cache"] = _directory;
        return _two.BuildAsync(Dockerfile, spec => spec with { CacheImports = [Import(more)] });
    }
}

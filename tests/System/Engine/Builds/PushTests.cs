using System.Text.Json;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>Results go to registries; skopeo and the engine's own pull read them.</summary>
public sealed class PushTests : IAsyncLifetime
{
    private const string Dockerfile = "FROM busybox:test\nRUN echo pushed > /said\nLABEL of=test\nCMD [\"cat\", \"/said\"]\n";

    private OutputHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await OutputHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AnImageIsPushedUnderAllItsNames()
    {
        var (one, two) = (_host.Name("some/app:1"), _host.Name("other:2"));
        var outcome = await _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, names: [one, two, _host.Name("some/app:again")]);

        var manifest = await OutputHost.ManifestAsync(one);
        Assert.Equal("application/vnd.docker.distribution.manifest.v2+json", manifest.GetProperty("mediaType").GetString());
        Assert.All(manifest.GetProperty("layers").EnumerateArray(), static layer => Assert.Equal("application/vnd.docker.image.rootfs.diff.tar.gzip", layer.GetProperty("mediaType").GetString()));
        foreach (var name in (string[])[two, _host.Name("some/app:again"), _host.Name("other@" + outcome.Metadata["containerimage.digest"])])
            Assert.Equal(manifest.GetRawText(), (await OutputHost.ManifestAsync(name)).GetRawText());
        Assert.Equal(manifest.GetProperty("config").GetProperty("digest").GetString(), outcome.Metadata["containerimage.config.digest"]);
        Assert.Equal(string.Join(',', outcome.Names), outcome.Metadata["image.name"]);
        var descriptor = JsonDocument.Parse(Convert.FromBase64String(outcome.Metadata["containerimage.descriptor"])).RootElement;
        Assert.Equal(outcome.Metadata["containerimage.digest"], descriptor.GetProperty("digest").GetString());
        // It was pushed alone: the engine has no such image, until it pulls it.
        Assert.Null(outcome.Image);
        await _host.Build.Host.Engine.Images.PullAsync(ImageReference.Parse(one), null, null, _ => { }, _host.Build.Host.Token);
        await _host.Build.Host.Engine.Images.TagAsync(one, ImageReference.Parse("built:test"), _host.Build.Host.Token);
        Assert.Equal("pushed\n", await _host.Build.ShellAsync("cat /said"));

        // Nothing is sent twice, and nothing of it stays.
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, names: [one]);
        Assert.Equal(manifest.GetRawText(), (await OutputHost.ManifestAsync(one)).GetRawText());
    }

    [Fact]
    public async Task AnImageMayBeKeptToo()
    {
        var name = _host.Name("kept");
        _host.Build.Write("Dockerfile", Dockerfile);
        var outcome = await _host.Build.BuildAsync(Dockerfile, spec => spec with { Outputs = [new BuildOutput { Kind = BuildOutputKind.Image, Names = [name], Push = true }] });
        Assert.Equal(outcome.Image.ToString(), (await _host.Build.Host.Engine.Images.InspectAsync(name, _host.Build.Host.Token)).Id);
        Assert.Equal(outcome.Image.ToString(), (await OutputHost.ManifestAsync(name)).GetProperty("config").GetProperty("digest").GetString());

        var byDigest = await _host.OutputAsync("FROM busybox:test\nRUN echo 2 > /said\n", BuildOutputKind.Registry, "push-by-digest=true", names: [_host.Name("untagged")]);
        Assert.NotEqual(0, (await Command.RunAsync("skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://" + _host.Name("untagged")])).ExitCode);
        Assert.NotEqual(default, await OutputHost.ManifestAsync(_host.Name("untagged@" + byDigest.Metadata["containerimage.digest"])));
    }

    [Fact]
    public async Task WhatCannotBePushedIsSaid()
    {
        await using var closed = await RegistryFixture.StartEmptyAsync(isClosed: true);
        var name = $"127.0.0.1:{closed.Port}/mine:1";
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, names: [name]));
        Assert.StartsWith($"failed to push {name}: ", refused.Message, StringComparison.Ordinal);
        _host.Build.Session.Logins[$"127.0.0.1:{closed.Port}"] = new() { Username = "user", Secret = "wrong" };
        refused = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, names: [name]));
        Assert.Contains("push access denied, repository", refused.Message, StringComparison.Ordinal);
        _host.Build.Session.Logins[$"127.0.0.1:{closed.Port}"] = new() { Username = "user", Secret = "secret" };
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, names: [name]);
        Assert.Contains("mine", (await Command.RunAsync("curl", ["-s", "-u", "user:secret", closed.Url + "/v2/_catalog"])).Succeeded().Text, StringComparison.Ordinal);

        Assert.Contains("tag is needed when pushing to registry", (await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Registry))).Message, StringComparison.Ordinal);
        Assert.Contains("annotation", (await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, "annotation-index.a=b", names: [_host.Name("x")]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LayersAreCompressedAsAskedFor()
    {
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Oci, "compression=zstd,compression-level=9,force-compression=true", names: ["zstd:1"]);
        var manifest = await _host.CopyAsync("oci-archive");
        Assert.All(manifest.GetProperty("layers").EnumerateArray(), static layer => Assert.Equal("application/vnd.oci.image.layer.v1.tar+zstd", layer.GetProperty("mediaType").GetString()));
        // The engine reads its own.
        _host.Build.Host.Engine.Builds.RemoveFromCache(_host.Build.Host.Engine.Builds.ListCache());
        _host.Build.Session.Sent.Position = 0;
        await _host.Build.Host.Engine.Images.LoadAsync(_host.Build.Session.Sent, null, quiet: true, _ => { }, _host.Build.Host.Token);
        await _host.Build.Host.Engine.Images.TagAsync("zstd:1", ImageReference.Parse("built:test"), _host.Build.Host.Token);
        Assert.Equal("pushed\n", await _host.Build.ShellAsync("cat /said"));

        await _host.OutputAsync(Dockerfile, BuildOutputKind.Docker, "compression=uncompressed,force-compression=true", names: ["plain:1", "plain:2"]);
        var list = _host.SentDocument("manifest.json")[0];
        Assert.Equal(["plain:1", "plain:2"], list.GetProperty("RepoTags").EnumerateArray().Select(static t => t.GetString()));
        Assert.All(list.GetProperty("Layers").EnumerateArray(), layer => Assert.Equal("sha256:" + layer.GetString()!.Split('/')[^1], Digest.OfSha256(global::System.Security.Cryptography.SHA256.HashData(_host.Sent(layer.GetString()!)!)).ToString()));
        await _host.CopyAsync("docker-archive");

        var name = _host.Name("zstd");
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, "compression=zstd", names: [name]);
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", (await OutputHost.ManifestAsync(name)).GetProperty("mediaType").GetString());
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, "oci-mediatypes=true,compression=gzip,compression-level=1", names: [name]);
        Assert.Equal("application/vnd.oci.image.layer.v1.tar+gzip", (await OutputHost.ManifestAsync(name)).GetProperty("layers")[1].GetProperty("mediaType").GetString());
        await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Oci, "compression=lzma"));
    }

    [Fact]
    public async Task AnnotationsAreWrittenWhereTheyBelong()
    {
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Oci, "annotation.a=1,annotation-manifest[linux/amd64].a=2,annotation-manifest[linux/s390x].a=3,annotation-manifest-descriptor.b=4", names: ["annotated:1"]);
        var index = _host.SentDocument("index.json");
        var descriptor = index.GetProperty("manifests")[0];
        Assert.Equal(("4", "1"), (descriptor.GetProperty("annotations").GetProperty("b").GetString(), descriptor.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString()));
        var host = global::System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == global::System.Runtime.InteropServices.Architecture.X64 ? "2" : "1";
        Assert.Equal(host, _host.SentDocument(descriptor.GetProperty("digest").GetString()!).GetProperty("annotations").GetProperty("a").GetString());

        await _host.OutputAsync(Dockerfile, BuildOutputKind.Oci, "annotation-index.c=5,annotation-index-descriptor.d=6", spec => spec with { AlwaysIndex = true });
        descriptor = _host.SentDocument("index.json").GetProperty("manifests")[0];
        Assert.Equal("6", descriptor.GetProperty("annotations").GetProperty("d").GetString());
        Assert.Equal("5", _host.SentDocument(descriptor.GetProperty("digest").GetString()!).GetProperty("annotations").GetProperty("c").GetString());
    }
}

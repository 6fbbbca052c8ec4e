using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>Builds for several platforms at once.</summary>
public sealed class PlatformTests : IAsyncLifetime
{
    private const string Dockerfile = """
        FROM --platform=$BUILDPLATFORM busybox:test AS make
        ARG TARGETPLATFORM TARGETARCH BUILDPLATFORM
        RUN echo "$TARGETPLATFORM $TARGETARCH $(test "$BUILDPLATFORM" = "$TARGETPLATFORM" && echo native)" > /for && echo same > /same
        FROM scratch
        COPY --from=make /for /same /
        """;

    private static readonly string[] s_platforms = ["linux/amd64", "linux/arm64"];

    private OutputHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await OutputHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task OneIndexHasThemAll()
    {
        var name = _host.Name("many:1");
        var outcome = await _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, more: ForBoth, names: [name]);
        Assert.Contains(_host.Build.Log.Ran, static step => step.StartsWith("[linux/amd64->arm64 make 2/2] RUN", StringComparison.Ordinal) || step.StartsWith("[linux/arm64->amd64 make 2/2] RUN", StringComparison.Ordinal));

        var index = await OutputHost.ManifestAsync(name);
        Assert.Equal("application/vnd.docker.distribution.manifest.list.v2+json", index.GetProperty("mediaType").GetString());
        Assert.Equal(s_platforms, index.GetProperty("manifests").EnumerateArray().Select(static m => m.GetProperty("platform")).Select(static p => $"{p.GetProperty("os").GetString()}/{p.GetProperty("architecture").GetString()}"));
        Assert.False(outcome.Metadata.ContainsKey("containerimage.config.digest"));
        foreach (var platform in s_platforms)
        {
            var image = await _host.Build.Host.Engine.Images.PullAsync(ImageReference.Parse(name), Distribution.PlatformChoice.Parse(platform), null, _ => { }, _host.Build.Host.Token);
            Assert.Equal(platform, $"{image.Configuration.Os}/{image.Configuration.Architecture}");
        }

        await _host.OutputAsync(Dockerfile, BuildOutputKind.Oci, more: ForBoth, names: ["many:2"]);
        foreach (var architecture in (string[])["amd64", "arm64"])
            await _host.CopyAsync("oci-archive", "--override-arch", architecture);
    }

    [Fact]
    public async Task TheirFilesGoToFoldersOfTheirOwn()
    {
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Local, more: ForBoth);
        Assert.Equal(["linux_amd64/for", "linux_amd64/same", "linux_arm64/for", "linux_arm64/same"], _host.Build.Session.SentFiles);
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Tar, more: ForBoth);
        Assert.DoesNotContain("trusted.overlay", global::System.Text.Encoding.Latin1.GetString(_host.Build.Session.Sent.ToArray()), StringComparison.Ordinal);
        var host = Distribution.PlatformChoice.Host.Architecture;
        Assert.Equal($"linux/{host} {host} native\n", Text("linux_" + host + "/for"));
        var other = host == "amd64" ? "arm64" : "amd64";
        Assert.Equal($"linux/{other} {other} \n", Text("linux_" + other + "/for"));

        var clash = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Tar, "platform-split=false", ForBoth));
        Assert.StartsWith("cannot overwrite for from linux/amd64 with linux/arm64 when split is disabled", clash.Message, StringComparison.Ordinal);
        await _host.OutputAsync(Dockerfile.Replace("COPY --from=make /for /same /", "ARG TARGETARCH\nCOPY --from=make /for /$TARGETARCH", StringComparison.Ordinal), BuildOutputKind.Tar, "platform-split=false", ForBoth);
        Assert.StartsWith("linux/arm64", Text("arm64"), StringComparison.Ordinal);
        await _host.OutputAsync("FROM busybox:test\n", BuildOutputKind.Tar, "platform-split=true");
        Assert.NotNull(_host.Sent($"linux_{host}/bin/busybox"));

        string Text(string name) => global::System.Text.Encoding.UTF8.GetString(_host.Sent(name)!);
    }

    [Fact]
    public async Task WhatHasNoPlaceIsRefusedBeforeItIsBuilt()
    {
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Image, more: ForBoth, names: ["many:1"]));
        Assert.StartsWith("exporting multiple references to image store is currently unsupported", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_host.Build.Log.Ran);
        refused = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile, BuildOutputKind.Docker, more: ForBoth));
        Assert.StartsWith("docker exporter does not currently support exporting manifest lists", refused.Message, StringComparison.Ordinal);

        // One platform that is not this machine's needs nothing that runs on it.
        var outcome = await _host.OutputAsync(Dockerfile, BuildOutputKind.Image, more: static spec => spec with { Platforms = ["linux/s390x"] }, names: ["other:1"]);
        Assert.Equal("s390x", (await _host.Build.Host.Engine.Images.InspectAsync(outcome.Image!.ToString()!, _host.Build.Host.Token)).Architecture);
        refused = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync(Dockerfile.Replace("--platform=$BUILDPLATFORM ", "", StringComparison.Ordinal).Replace("busybox:test AS make", "scratch AS make", StringComparison.Ordinal), BuildOutputKind.Image, more: static spec => spec with { Platforms = ["linux/s390x"] }));
        Assert.Contains("programs for linux/s390x cannot run on this machine", refused.Message, StringComparison.Ordinal);
        Assert.Contains("qemu-user-static", refused.Message, StringComparison.Ordinal);
    }

    private static BuildSpec ForBoth(BuildSpec spec) => spec with { Platforms = s_platforms };
}

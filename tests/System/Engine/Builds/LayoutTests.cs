using System.Formats.Tar;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>Builds begin with images of OCI layouts that the client has.</summary>
public sealed class LayoutTests : IAsyncLifetime
{
    private OutputHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await OutputHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AStageAndAFileMayComeFromOne()
    {
        var digest = await WriteLayoutAsync("FROM busybox:test\nENV FROM_LAYOUT=yes\nRUN echo there > /file\n", "compression=zstd");
        var before = _host.Build.Host.Engine.Images.Count();
        const string Dockerfile = "FROM base\nRUN echo $FROM_LAYOUT > /env\nFROM scratch\nCOPY --from=0 /env /\nCOPY --from=base /file /\n";
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Tar, more: spec => With(spec, digest));
        Assert.Equal(("yes\n", "there\n"), (Text("env"), Text("file")));

        // Known by what is in it: under another name nothing runs again.
        Directory.Move(Path.Combine(_host.Build.Context, "layout"), Path.Combine(_host.Build.Context, "renamed"));
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Tar, more: spec => With(spec, digest, "renamed:tag"));
        Assert.DoesNotContain(_host.Build.Log.Ran, static step => step.Contains("RUN", StringComparison.Ordinal));
        // It has become none of the engine's images.
        Assert.Equal(before, _host.Build.Host.Engine.Images.Count());
    }

    [Fact]
    public async Task APlatformOfAnIndexIsTaken()
    {
        var digest = await WriteLayoutAsync("FROM --platform=$BUILDPLATFORM busybox:test AS b\nARG TARGETARCH\nRUN echo $TARGETARCH > /for\nFROM scratch\nCOPY --from=b /for /\n", "", static spec => spec with { Platforms = ["linux/amd64", "linux/arm64"] });
        await _host.OutputAsync("FROM base\nCOPY Dockerfile /\n", BuildOutputKind.Tar, more: spec => With(spec, digest) with { Platforms = ["linux/arm64"] });
        Assert.Equal("arm64\n", Text("for"));
    }

    [Fact]
    public async Task WhatIsDamagedIsRefused()
    {
        var digest = await WriteLayoutAsync("FROM busybox:test\nRUN echo there > /file\n", "");
        var blobs = Path.Combine(_host.Build.Context, "layout/blobs/sha256");
        await File.AppendAllTextAsync(Path.Combine(blobs, Digest.Parse(digest).Hex), " ");
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync("FROM base\n", BuildOutputKind.Tar, more: spec => With(spec, digest)));
        Assert.Contains("is damaged: its blob " + digest, refused.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(blobs, Digest.Parse(digest).Hex));
        refused = await Assert.ThrowsAsync<GantryException>(() => _host.OutputAsync("FROM base\n", BuildOutputKind.Tar, more: spec => With(spec, digest)));
        Assert.Contains(digest, refused.Message, StringComparison.Ordinal);
    }

    private static BuildSpec With(BuildSpec spec, string digest, string layout = "layout:any") => spec with { NamedContexts = new Dictionary<string, string> { ["base"] = $"oci-layout://{layout}@{digest}" } };

    private string Text(string name) => global::System.Text.Encoding.UTF8.GetString(_host.Sent(name)!);

    /// <summary>Builds an image into the directory <c>layout</c>, and returns the digest of its manifest or index.</summary>
    private async Task<string> WriteLayoutAsync(string dockerfile, string attributes, Func<BuildSpec, BuildSpec>? more = null)
    {
        var outcome = await _host.OutputAsync(dockerfile, BuildOutputKind.Oci, attributes, more, "layout:1");
        _host.Build.Session.Sent.Position = 0;
        TarFile.ExtractToDirectory(_host.Build.Session.Sent, Directory.CreateDirectory(Path.Combine(_host.Build.Context, "layout")).FullName, overwriteFiles: false);
        // Nothing of it is here any more.
        _host.Build.Host.Engine.Builds.RemoveFromCache(_host.Build.Host.Engine.Builds.ListCache());
        return outcome.Metadata["containerimage.digest"];
    }
}

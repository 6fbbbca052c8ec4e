using System.Text;
using System.Text.Json;
using Gantry.Build;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>What is said of results beside them: what they were made of, and which packages they hold.</summary>
public sealed class AttestationTests : IAsyncLifetime
{
    private const string Dockerfile = """
        FROM busybox:test
        ARG WORD
        COPY root /
        RUN ln -s / /app/node_modules/out
        RUN --mount=type=secret,id=s --network=none echo "$WORD" > /word
        """;

    private OutputHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await OutputHost.StartAsync();
        _host.Build.Write("root/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
        _host.Build.Write("root/var/lib/dpkg/status", "Package: libc6\nStatus: install ok installed\nSource: glibc (2.36)\nVersion: 2.36-9+deb12u4\nArchitecture: amd64\nMaintainer: GNU Libc Maintainers <x@y>\nDescription: C\n Status: no\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n");
        _host.Build.Write("root/app/node_modules/@scope/thing/package.json", "{\"name\":\"@scope/thing\",\"version\":\"1.2.3\",\"license\":\"MIT\"}");
        _host.Build.Write("root/app/node_modules/broken/package.json", "{");
        _host.Build.Write("root/app/package-lock.json", "{\"packages\":{\"\":{\"name\":\"app\"},\"node_modules/left-pad\":{\"version\":\"1.0.0\"},\"node_modules/@scope/thing\":{\"version\":\"1.2.3\"}}}");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task TheyLieBesideTheImage()
    {
        var name = _host.Name("said:1");
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Registry, more: spec => Attested(spec, ("provenance", "mode=max"), ("sbom", "")), names: [name]);
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Oci, more: spec => Attested(spec, ("provenance", "mode=max"), ("sbom", "")), names: [name]);

        var index = _host.SentDocument(_host.SentDocument("index.json").GetProperty("manifests")[0].GetProperty("digest").GetString()!);
        var (image, said) = (index.GetProperty("manifests")[0], index.GetProperty("manifests")[1]);
        Assert.Equal(["amd64", "unknown"], index.GetProperty("manifests").EnumerateArray().Select(static m => m.GetProperty("platform").GetProperty("architecture").GetString()!.Replace("arm64", "amd64", StringComparison.Ordinal)));
        Assert.Equal("attestation-manifest", said.GetProperty("annotations").GetProperty("vnd.docker.reference.type").GetString());
        Assert.Equal(image.GetProperty("digest").GetString(), said.GetProperty("annotations").GetProperty("vnd.docker.reference.digest").GetString());
        var layers = _host.SentDocument(said.GetProperty("digest").GetString()!).GetProperty("layers");
        Assert.Equal(["https://spdx.dev/Document", "https://slsa.dev/provenance/v0.2"], layers.EnumerateArray().Select(static l => l.GetProperty("annotations").GetProperty("in-toto.io/predicate-type").GetString()));
        Assert.Equal((await OutputHost.ManifestAsync(name)).GetProperty("manifests")[0].GetRawText(), image.GetRawText());

        var packages = _host.SentDocument(layers[0].GetProperty("digest").GetString()!);
        Assert.Equal($"sha256:{packages.GetProperty("subject")[0].GetProperty("digest").GetProperty("sha256").GetString()}", image.GetProperty("digest").GetString());
        Assert.StartsWith($"pkg:docker/127.0.0.1:{_host.Registry.Port}/said@1?platform=linux%2F", packages.GetProperty("subject")[0].GetProperty("name").GetString(), StringComparison.Ordinal);
        var document = packages.GetProperty("predicate");
        Assert.Equal("SPDX-2.3", document.GetProperty("spdxVersion").GetString());
        Assert.Equal(
            ["pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc", "pkg:npm/%40scope/thing@1.2.3", "pkg:npm/left-pad@1.0.0"],
            document.GetProperty("packages").EnumerateArray().Skip(1).Select(static p => p.GetProperty("externalRefs")[0].GetProperty("referenceLocator").GetString()));

        var provenance = _host.SentDocument(layers[1].GetProperty("digest").GetString()!).GetProperty("predicate");
        Assert.StartsWith("pkg:docker/busybox@test?platform=linux%2F", provenance.GetProperty("materials")[0].GetProperty("uri").GetString(), StringComparison.Ordinal);
        var parameters = provenance.GetProperty("invocation").GetProperty("parameters");
        Assert.Equal("hello", parameters.GetProperty("args").GetProperty("build-arg:WORD").GetString());
        Assert.Equal("s", parameters.GetProperty("secrets")[0].GetProperty("id").GetString());
        Assert.Equal(["context", "dockerfile"], parameters.GetProperty("locals").EnumerateArray().Select(static l => l.GetProperty("name").GetString()));
        Assert.Contains(provenance.GetProperty("buildConfig").GetProperty("llbDefinition").EnumerateArray(), static s => s.GetProperty("op").GetProperty("Op").TryGetProperty("exec", out var exec) && exec.GetProperty("meta").GetProperty("args")[2].GetString() == "echo \"$WORD\" > /word");
        var source = provenance.GetProperty("metadata").GetProperty("https://mobyproject.org/buildkit@v1#metadata").GetProperty("source");
        Assert.Contains("COPY root /", Encoding.UTF8.GetString(source.GetProperty("infos")[0].GetProperty("data").GetBytesFromBase64()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLeastTellsNoArguments()
    {
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Local, more: spec => Attested(spec, ("provenance", "version=v1"), ("sbom", "inline-only=true")));
        Assert.Contains("provenance.json", _host.Build.Session.SentFiles);
        Assert.DoesNotContain("sbom.spdx.json", _host.Build.Session.SentFiles);

        await _host.OutputAsync(Dockerfile, BuildOutputKind.Tar, "attestation-prefix=my-", spec => Attested(spec, ("provenance", "version=v1")));
        var text = Encoding.UTF8.GetString(_host.Sent("my-provenance.json")!);
        Assert.DoesNotContain("hello", text, StringComparison.Ordinal);
        var statement = JsonDocument.Parse(text).RootElement;
        Assert.Equal("https://slsa.dev/provenance/v1", statement.GetProperty("predicateType").GetString());
        Assert.Contains(statement.GetProperty("subject").EnumerateArray(), static s => s.GetProperty("name").GetString() == "word");
        var definition = statement.GetProperty("predicate").GetProperty("buildDefinition");
        Assert.Equal("Dockerfile", definition.GetProperty("externalParameters").GetProperty("configSource").GetProperty("path").GetString());
        Assert.False(definition.GetProperty("externalParameters").TryGetProperty("buildConfig", out _));

        // The engine's own images have no place for it, and docker's archives neither.
        await _host.OutputAsync(Dockerfile, BuildOutputKind.Docker, more: spec => Attested(spec, ("provenance", "")), names: ["plain:1"]);
        Assert.Equal("application/vnd.docker.distribution.manifest.v2+json", _host.SentDocument("index.json").GetProperty("manifests")[0].GetProperty("mediaType").GetString());
    }

    private static BuildSpec Attested(BuildSpec spec, params (string Kind, string Options)[] asked) => spec with
    {
        Arguments = new Dictionary<string, string?> { ["WORD"] = "hello" },
        Attestations = AttestationSpec.Read(asked.ToDictionary(static a => a.Kind, static a => a.Options), new Dictionary<string, string> { ["build-arg:WORD"] = "hello" }),
    };
}

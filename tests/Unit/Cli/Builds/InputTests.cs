using System.Text;
using Gantry.Archive;
using Gantry.Cli.Builds;
using Gantry.Cli.Flags;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Cli.Builds;

/// <summary>What a build is sent.</summary>
public sealed class InputTests : IDisposable
{
    private static readonly Dictionary<string, string> s_none = [];

    private readonly string _root = Directory.CreateTempSubdirectory("gantry-build-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Put(string name, string content = "")
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    private static Stream NoInput() => throw new InvalidOperationException("standard input is not read");

    private static string Names(BuildInput input) =>
        string.Join(' ', input.Directories.Select(static directory => $"{directory.Name}:{directory.Path}[{string.Join(',', directory.Files.Select(static file => file.Name))}]"));

    [Fact]
    public void TheContextAndTheDockerfileAreDirectories()
    {
        Put("Dockerfile", "FROM scratch");
        var input = InputReader.Read(_root, "", s_none, NoInput);
        Assert.Equal($"context:{_root}[] dockerfile:[Dockerfile]", Names(input));
        Assert.Equal(("Dockerfile", "FROM scratch"), (input.DockerfileName, Encoding.UTF8.GetString(input.Dockerfile!)));
    }

    [Fact]
    public void ADockerfileElsewhereBringsItsOwnIgnoreFile()
    {
        Put("context/a.txt");
        Put("context/b.txt");
        Put("context/.dockerignore", "a.txt");
        var dockerfile = Put("elsewhere/Other", "FROM scratch");
        Put("elsewhere/Other.dockerignore", "b.txt");
        var input = InputReader.Read(Path.Combine(_root, "context"), dockerfile, s_none, NoInput);
        Assert.Equal($"context:{_root}/context[] dockerfile:[Other,Other.dockerignore]", Names(input));
        Assert.Equal("Other", input.DockerfileName);
    }

    [Fact]
    public void NamedDirectoriesAreSentToo()
    {
        Put("Dockerfile", "FROM scratch");
        Put("other/x");
        Put(".dockerignore", "other");
        var input = InputReader.Read(_root, "", new Dictionary<string, string> { ["o"] = Path.Combine(_root, "other") }, NoInput);
        Assert.Equal(["context", "dockerfile", "o"], input.Directories.Select(static directory => directory.Name));
        Assert.EndsWith($" o:{_root}/other[]", Names(input), StringComparison.Ordinal);
    }

    [Fact]
    public void ADockerfileMayComeOnStandardInput()
    {
        Put("a.txt");
        var input = InputReader.Read(_root, "-", s_none, static () => new MemoryStream("FROM x"u8.ToArray()));
        Assert.Equal($"context:{_root}[] dockerfile:[Dockerfile]", Names(input));
        var alone = InputReader.Read("-", "", s_none, static () => new MemoryStream("FROM y"u8.ToArray()));
        Assert.Equal("context:[] dockerfile:[Dockerfile]", Names(alone));
        Assert.Equal("FROM y", Encoding.UTF8.GetString(alone.Dockerfile!));
    }

    [Fact]
    public void AnArchiveMayComeOnStandardInput()
    {
        using var archive = new MemoryStream();
        var writer = new TarWriter(archive);
        writer.Begin(new() { Kind = TarEntryKind.File, Name = "Dockerfile"u8.ToArray(), Mode = 0x1A4 });
        writer.Finish();
        var bytes = archive.ToArray();
        foreach (var sent in (byte[][])[bytes, [0x1F, 0x8B, 8, 0], "BZh91AY"u8.ToArray(), [0xFD, .. "7zXZ\0"u8], [0x28, 0xB5, 0x2F, 0xFD, 0]])
        {
            var input = InputReader.Read("-", "sub/Other", s_none, () => new MemoryStream(sent));
            Assert.Equal("sub/Other", input.DockerfileName);
            Assert.Empty(input.Directories);
            using var whole = new MemoryStream();
            input.Archive!.CopyTo(whole);
            Assert.Equal(sent, whole.ToArray());
        }
    }

    [Theory]
    [InlineData("https://git.test/a.git#main")]
    [InlineData("git@git.test:a/b.git")]
    [InlineData("github.com/a/b")]
    public void WhatLiesElsewhereIsFetchedByTheEngine(string url)
    {
        var input = InputReader.Read(url, "", s_none, NoInput);
        Assert.Equal(url, input.Remote);
        Assert.Empty(input.Directories);
    }

    [Fact]
    public void WhatIsNotThereIsExplained()
    {
        Assert.Contains("not found", Assert.Throws<GantryException>(() => InputReader.Read(Path.Combine(_root, "no"), "", s_none, NoInput)).Message, StringComparison.Ordinal);
        Assert.Contains("gantry init", Assert.Throws<GantryException>(() => InputReader.Read(_root, "", s_none, NoInput)).Message, StringComparison.Ordinal);
        var file = Put("file");
        Assert.Contains("is a file", Assert.Throws<GantryException>(() => InputReader.Read(file, "", s_none, NoInput)).Message, StringComparison.Ordinal);
        Assert.Throws<FlagException>(() => InputReader.Read("-", "-", s_none, NoInput));
    }

    [Fact]
    public void SecretsComeFromFilesAndVariables()
    {
        var file = Put("token", "from file\n");
        var secrets = SecretSpecs.Read([$"id=a,src={file}", "id=b,env=VAR", "id=VAR", $"id=c,type=file,source={file}", "type=env,id=VAR2,src=VAR"], name => name == "VAR" ? "from env" : null);
        Assert.Equal(
            ["VAR2=from env", "VAR=from env", "a=from file\n", "b=from env", "c=from file\n"],
            secrets.Select(static secret => $"{secret.Key}={Encoding.UTF8.GetString(secret.Value)}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("src=x", "give it an id")]
    [InlineData("id=a,src=/no/such/file", "/no/such/file")]
    [InlineData("id=a,env=NONE", "no variable NONE")]
    [InlineData("id=a,type=other", "unsupported secret type \"other\"")]
    [InlineData("id=a,b", "must be a key=value pair")]
    [InlineData("id=a,what=b", "unexpected key 'what'")]
    public void SecretsThatMakeNoSenseAreRefused(string flag, string message) =>
        Assert.Contains(message, Assert.Throws<FlagException>(() => SecretSpecs.Read([flag], static _ => null)).Message, StringComparison.Ordinal);

    [Fact]
    public void NamedContextsAreRead()
    {
        var (one, two) = ("sha256:" + new string('1', 64), "sha256:" + new string('2', 64));
        string Image(string digest, string? tag) => $$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{digest}}","size":1{{(tag is null ? "" : $",\"annotations\":{{\"org.opencontainers.image.ref.name\":\"{tag}\"}}")}}}""";
        Put("single/index.json", $$"""{"schemaVersion":2,"manifests":[{{Image(one, null)}}]}""");
        Put("several/index.json", $$"""{"schemaVersion":2,"manifests":[{{Image(one, "1")}},{{Image(two, "latest")}}]}""");
        var (told, local) = ContextSpecs.Read([$"a=oci-layout://{_root}/single:whatever", $"b=oci-layout://{_root}/several", $"c=oci-layout://{_root}/several:1", $"d=oci-layout://{_root}/several:x@{two}", $"e={_root}", "f=docker-image://x", "g=https://x.test/y.git"]);
        Assert.Equal(
            [("a", $"oci-layout://layout+0@{one}"), ("b", $"oci-layout://layout+1@{two}"), ("c", $"oci-layout://layout+2@{one}"), ("d", $"oci-layout://layout+3@{two}"), ("e", "local:e"), ("f", "docker-image://x"), ("g", "https://x.test/y.git")],
            told.Select(static pair => (pair.Key, pair.Value)));
        Assert.Equal(["e", "layout+0", "layout+1", "layout+2", "layout+3"], local.Keys.Order(StringComparer.Ordinal));
        Assert.EndsWith("it has 1, latest", Assert.Throws<GantryException>(() => ContextSpecs.Read([$"a=oci-layout://{_root}/several:2"])).Message, StringComparison.Ordinal);
        Assert.Contains("is no OCI layout", Assert.Throws<GantryException>(() => ContextSpecs.Read([$"a=oci-layout://{_root}"])).Message, StringComparison.Ordinal);
        Assert.Throws<FlagException>(() => ContextSpecs.Read([$"a=oci-layout://{_root}/single@sha256:1"]));
        Assert.Throws<FlagException>(() => ContextSpecs.Read(["a"]));
    }

    [Fact]
    public void OutputsAreRead()
    {
        Assert.Equal("image", Assert.Single(OutputSpecs.Read([], load: false, push: false, [])).Type);
        Assert.Equal(["local:out", "tar:-", "tar:x.tar", "oci:-", "image:", "registry:", "image:"], OutputSpecs.Read(["out", "-", "type=tar,dest=x.tar", "type=oci", "type=docker"], load: true, push: true, []).Select(static output => $"{output.Type}:{output.Destination}"));
        Assert.Empty(OutputSpecs.Read(["type=cacheonly"], load: false, push: false, []));
        Assert.Throws<FlagException>(() => OutputSpecs.Read(["type=local"], load: false, push: false, []));
        Assert.Throws<FlagException>(() => OutputSpecs.Read(["dest=x"], load: false, push: false, []));
        Assert.Throws<FlagException>(() => OutputSpecs.Read(["type=floppy"], load: false, push: false, []));
    }

    [Fact]
    public void OptionsOfOutputsAreRead()
    {
        var pushed = Assert.Single(OutputSpecs.Read(["type=image,push=true,\"name=a,b\",annotation.Org=X"], load: false, push: false, ["k=v", "index,manifest[linux/arm64]:l=w"]));
        Assert.Equal(
            [("annotation-index.l", "w"), ("annotation-manifest[linux/arm64].l", "w"), ("annotation.Org", "X"), ("annotation.k", "v"), ("name", "a,b"), ("push", "true")],
            pushed.Attributes.Select(static a => (a.Key, a.Value)).OrderBy(static a => a.Key, StringComparer.Ordinal));
        Assert.True(Assert.Single(OutputSpecs.Read(["type=oci,dest=out,tar=false"], load: false, push: false, [])).IsDirectory);
        Assert.Contains("has no option \"compresion\"", Assert.Throws<FlagException>(() => OutputSpecs.Read(["type=oci,compresion=zstd"], load: false, push: false, [])).Message, StringComparison.Ordinal);
        Assert.Contains("unknown annotation type \"layer\"", Assert.Throws<FlagException>(() => OutputSpecs.Read([], load: false, push: true, ["layer:a=b"])).Message, StringComparison.Ordinal);
        Assert.Throws<FlagException>(() => OutputSpecs.Read(["type=oci,tar=false"], load: false, push: false, []));
    }
}

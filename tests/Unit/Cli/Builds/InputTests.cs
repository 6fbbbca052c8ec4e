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

    private static List<TarEntry> Pack(BuildInput input)
    {
        using var archive = new MemoryStream();
        new ContextPacker(input.Directories).Write(archive);
        archive.Position = 0;
        using var reader = new TarReader(archive);
        var entries = new List<TarEntry>();
        while (reader.Next() is { } entry)
            entries.Add(entry);
        return entries;
    }

    private static string Names(BuildInput input) => string.Join(' ', Pack(input).Select(static entry => Encoding.UTF8.GetString(entry.Name)));

    [Fact]
    public void TheContextIsSentWithoutWhatIsIgnored()
    {
        Put("Dockerfile", "FROM scratch");
        Put(".dockerignore", "**/*.log\nnode_modules\n!node_modules/kept\n.dockerignore\nDockerfile\n");
        Put("a.txt", "A");
        Put("x/b.log");
        Put("x/c.txt");
        Put("node_modules/big/file.js");
        Put("node_modules/kept/file.js");
        var input = InputReader.Read(_root, "", s_none, NoInput);
        Assert.Equal("0/ 0/.dockerignore 0/a.txt 0/node_modules/kept/ 0/node_modules/kept/file.js 0/x/ 0/x/c.txt 1/ 1/Dockerfile", Names(input));
        Assert.Equal(("Dockerfile", "FROM scratch"), (input.DockerfileName, Encoding.UTF8.GetString(input.Dockerfile!)));
    }

    [Fact]
    public void WhatIsIgnoredIsNotOpened()
    {
        // Even root cannot open it: its last component is a link to itself.
        Put("Dockerfile", "FROM scratch");
        Put(".dockerignore", "secret\nhidden");
        Put("hidden/file");
        File.CreateSymbolicLink(Path.Combine(_root, "secret"), "secret");
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_root, "s.sock")));
            Assert.Equal("0/ 0/.dockerignore 0/Dockerfile 1/ 1/Dockerfile", Names(InputReader.Read(_root, "", s_none, NoInput)));
        }
    }

    [Fact]
    public void FilesKeepTheirModesAndBelongToRoot()
    {
        Put("Dockerfile", "FROM scratch");
        File.SetUnixFileMode(Put("run.sh", "echo"), (UnixFileMode)0x1ED);
        File.CreateSymbolicLink(Path.Combine(_root, "link"), "/etc/passwd");
        var entries = Pack(InputReader.Read(_root, "", s_none, NoInput)).ToDictionary(static entry => Encoding.UTF8.GetString(entry.Name));
        Assert.Equal((0x1EDu, 0u, 0u, 4L), (entries["0/run.sh"].Mode, entries["0/run.sh"].Uid, entries["0/run.sh"].Gid, entries["0/run.sh"].Size));
        Assert.Equal((TarEntryKind.Symlink, "/etc/passwd"), (entries["0/link"].Kind, Encoding.UTF8.GetString(entries["0/link"].LinkName)));
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
        Assert.Equal("0/ 0/.dockerignore 0/a.txt 1/ 1/Other 1/Other.dockerignore", Names(input));
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
        Assert.EndsWith("2/ 2/x", Names(input), StringComparison.Ordinal);
    }

    [Fact]
    public void ADockerfileMayComeOnStandardInput()
    {
        Put("a.txt");
        var input = InputReader.Read(_root, "-", s_none, static () => new MemoryStream("FROM x"u8.ToArray()));
        Assert.Equal("0/ 0/a.txt 1/ 1/Dockerfile", Names(input));
        var alone = InputReader.Read("-", "", s_none, static () => new MemoryStream("FROM y"u8.ToArray()));
        Assert.Equal("0/ 1/ 1/Dockerfile", Names(alone));
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
    public void OutputsAreRead()
    {
        Assert.Equal("image", Assert.Single(OutputSpecs.Read([], load: false, push: false)).Type);
        Assert.Equal(["local:out", "tar:-", "tar:x.tar", "oci:-", "image:", "registry:", "image:"], OutputSpecs.Read(["out", "-", "type=tar,dest=x.tar", "type=oci", "type=docker"], load: true, push: true).Select(static output => $"{output.Type}:{output.Destination}"));
        Assert.Empty(OutputSpecs.Read(["type=cacheonly"], load: false, push: false));
        Assert.Throws<FlagException>(() => OutputSpecs.Read(["type=local"], load: false, push: false));
        Assert.Throws<FlagException>(() => OutputSpecs.Read(["dest=x"], load: false, push: false));
        Assert.Throws<FlagException>(() => OutputSpecs.Read(["type=floppy"], load: false, push: false));
    }
}

using System.Security.Cryptography;
using System.Text;
using Gantry.Api.BuildKit.Builds;
using Gantry.Api.BuildKit.Wire.Pb;
using Gantry.Model;
using Google.Protobuf;
using Xunit;

namespace Gantry.Tests.Unit.Api.BuildKit;

/// <summary>The few graphs of BuildKit's own that are understood.</summary>
public sealed class GraphTests
{
    [Fact]
    public void AResultsGraphIsOneThatClientsTake()
    {
        var graph = ResultGraph.Of("ref-1");
        // As buildkit's reader of definitions wants it: the last op points at one that is there, and that has metadata.
        var last = Op.Parser.ParseFrom(graph.Def[^1]);
        var digest = Assert.Single(last.Inputs).Digest;
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(graph.Def[0].Span)), digest);
        Assert.True(graph.Metadata.ContainsKey(digest));
        Assert.Equal("ref-1", ResultGraph.FindName(graph));
        Assert.Null(SourceGraph.Find(graph));
        Assert.Null(ResultGraph.FindName(new Definition()));
    }

    [Fact]
    public void SourcesBecomeDockerfiles()
    {
        Assert.Equal("FROM scratch\nADD [\"https://example.com/a?b=\\\\$c\", \"/Dockerfile\"]\n", Dockerfile(Source("https://example.com/a?b=$c", ("http.filename", "../Dockerfile"))));
        Assert.Equal("FROM scratch\nADD --checksum=sha256:00 [\"http://example.com/x\", \"/download\"]\n", Dockerfile(Source("http://example.com/x", ("http.checksum", "sha256:00"))));
        Assert.Equal("FROM scratch\nADD --keep-git-dir=true [\"https://example.com/r.git#v1:sub\", \"/\"]\n", Dockerfile(Source("git://example.com/r.git#v1:sub", ("git.keepgitdir", "true"), ("git.fullurl", "https://example.com/r.git"))));
        Assert.Equal("FROM scratch\nADD [\"https://example.com/r.git\", \"/\"]\n", Dockerfile(Source("git://example.com/r.git")));

        var archive = Source("https://example.com/a.tar.gz", ("http.filename", "context"));
        var unpack = new Op { Inputs = { Input(archive) }, File = new FileOp { Actions = { new FileAction { Input = -1, SecondaryInput = 0, Copy = new FileActionCopy { Src = "/context", Dest = "/", AttemptUnpackDockerCompatibility = true } } } } };
        Assert.Equal("FROM scratch\nADD --unpack=true [\"https://example.com/a.tar.gz\", \"/\"]\n", Encoding.UTF8.GetString(SourceGraph.Find(Graph(archive, unpack))!.ToDockerfile()));
    }

    [Fact]
    public void OthersAreNot()
    {
        Assert.Null(SourceGraph.Find(Graph(Source("docker-image://docker.io/library/busybox"))));
        Assert.Null(SourceGraph.Find(Graph(Source("local://context"))));
        Assert.Null(SourceGraph.Find(new Definition()));
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => SourceGraph.Find(new Definition { Def = { ByteString.CopyFrom(0xFF, 0xFF) } })).Kind);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => SourceGraph.Find(new Definition { Def = { Source("https://x/").ToByteString() } })).Kind);
    }

    private static Op Source(string identifier, params (string Name, string Value)[] attributes)
    {
        var source = new SourceOp { Identifier = identifier };
        foreach (var (name, value) in attributes)
            source.Attrs[name] = value;
        return new Op { Source = source };
    }

    private static string Dockerfile(Op source) => Encoding.UTF8.GetString(SourceGraph.Find(Graph(source))!.ToDockerfile());

    private static Definition Graph(params Op[] ops) => new() { Def = { ops.Select(static op => op.ToByteString()), new Op { Inputs = { Input(ops[^1]) } }.ToByteString() } };

    private static Input Input(Op op) => new() { Digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(op.ToByteArray())) };
}

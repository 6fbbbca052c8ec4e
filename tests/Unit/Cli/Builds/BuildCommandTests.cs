using System.Text;
using System.Text.Json;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Cli.Builds;

/// <summary><c>gantry build</c> before an engine that answers as it is told.</summary>
public sealed class BuildCommandTests : IDisposable
{
    private const string Id = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly string _root = Directory.CreateTempSubdirectory("gantry-build-").FullName;

    public BuildCommandTests() => File.WriteAllText(Path.Combine(_root, "Dockerfile"), "FROM scratch\nRUN no\n");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static FakeEngine Engine(params string[] lines) =>
        new(_ => new(200, Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\n")))));

    private static string Result() => $$$"""{"result":{"image":"{{{Id}}}","names":["docker.io/library/app:latest"]}}""";

    private static Dictionary<string, string> Query(FakeEngine engine) => engine.Requests[^1].Path.Split('?')[1].Split('&')
        .GroupBy(static pair => pair[..pair.IndexOf('=', StringComparison.Ordinal)])
        .ToDictionary(static group => group.Key, static group => string.Join('|', group.Select(static pair => Uri.UnescapeDataString(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]))));

    [Fact]
    public void FlagsArriveAsParameters()
    {
        using var engine = Engine(Result());
        var secret = Path.Combine(_root, "secret");
        File.WriteAllText(secret, "hush");
        var ran = Cli.Gantry(
            "-H", engine.Host, "build", "-t", "app", "-t", "b:2", "--build-arg", "A=1", "--build-arg", "GANTRY_NOT_SET", "--label", "l=v", "--target", "t", "--no-cache", "--no-cache-filter", "x,y", "--pull",
            "--network", "none", "--add-host", "h=1.2.3.4", "--add-host", "g:::1", "--shm-size", "64m", "--ulimit", "nofile=1:2", "-m", "1g", "--cpu-shares", "3", "--cgroup-parent", "/x", "--squash",
            "--platform", "linux/arm64", "--allow", "security.insecure", "--cache-from", "type=registry,ref=c:1", "--cache-to", "type=inline", "--build-context", "base=docker-image://debian",
            "--secret", "id=s,src=" + secret, "-q", _root);
        Assert.Equal((0, Id + "\n", ""), (ran.Code, ran.Out, ran.Error));
        var query = Query(engine);
        Assert.Equal("gantry", query["version"]);
        Assert.Equal("app|b:2", query["t"]);
        Assert.Equal("""{"A":"1","GANTRY_NOT_SET":null}""", query["buildargs"]);
        Assert.Equal("""[{"Type":"inline","Attrs":{}}]""", query["cacheexports"]);
        Assert.Equal("""{"l":"v"}""", query["labels"]);
        Assert.Equal(("t", "1", "x|y", "1", "none", "h:1.2.3.4|g:::1"), (query["target"], query["nocache"], query["nocachefilter"], query["pull"], query["networkmode"], query["extrahosts"]));
        Assert.Equal(("67108864", """[{"Name":"nofile","Soft":1,"Hard":2}]""", "1073741824", "3", "/x", "1"), (query["shmsize"], query["ulimits"], query["memory"], query["cpushares"], query["cgroupparent"], query["squash"]));
        Assert.Equal(("linux/arm64", "security.insecure", """[{"Type":"registry","Attrs":{"ref":"c:1"}}]""", """{"base":"docker-image://debian"}""", """[{"Type":"image","Attrs":{}}]"""), (query["platform"], query["allow"], query["cacheimports"], query["contexts"], query["outputs"]));
        // The secret's value is in the body's head alone.
        Assert.DoesNotContain("hush", engine.Requests[^1].Path, StringComparison.Ordinal);
        using var head = JsonDocument.Parse(engine.Requests[^1].Body[4..]);
        Assert.Equal(["context", "dockerfile"], head.RootElement.GetProperty("directories").EnumerateArray().Select(static name => name.GetString()));
        Assert.Equal("aHVzaA==", head.RootElement.GetProperty("secrets").GetProperty("s").GetString());
    }

    [Fact]
    public void TheIdAndMetadataAreWritten()
    {
        using var engine = Engine(Result());
        var (id, metadata) = (Path.Combine(_root, "id"), Path.Combine(_root, "meta.json"));
        Assert.Equal(0, Cli.Gantry("-H", engine.Host, "build", "--iidfile", id, "--metadata-file", metadata, _root).Code);
        Assert.Equal(Id, File.ReadAllText(id));
        using var json = JsonDocument.Parse(File.ReadAllText(metadata));
        Assert.Equal((Id, "docker.io/library/app:latest"), (json.RootElement.GetProperty("containerimage.config.digest").GetString(), json.RootElement.GetProperty("image.name").GetString()));
    }

    [Fact]
    public void AFailureShowsTheDockerfile()
    {
        using var engine = Engine("""{"failure":{"message":"process \"/bin/sh -c no\" did not complete successfully: exit code: 1","exitCode":1,"firstLine":2,"lastLine":2}}""");
        var ran = Cli.Gantry("-H", engine.Host, "build", _root);
        Assert.Equal((1, ""), (ran.Code, ran.Out));
        Assert.Equal("Dockerfile:2\n--------------------\n   1 |     FROM scratch\n   2 | >>> RUN no\n   3 |     \n--------------------\nERROR: failed to solve: process \"/bin/sh -c no\" did not complete successfully: exit code: 1\n", ran.Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("failure")]
    public void WarningsAreShownWhateverBecomesOfTheBuild(string failure)
    {
        const string Found = """{"warnings":{"vertex":"a","found":[{"rule":"MaintainerDeprecated","message":"Maintainer instruction is deprecated in favor of using label","description":"d","url":"u","firstLine":2,"lastLine":2}]}}""";
        using var engine = Engine(Found, failure.Length == 0 ? Result() : """{"failure":{"message":"no"}}""");
        var ran = Cli.Gantry("-H", engine.Host, "build", _root);
        Assert.Equal(failure.Length == 0 ? 0 : 1, ran.Code);
        Assert.Contains(" 1 warning found:\n - MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)\n   d\n   More info: u\nDockerfile:2\n", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEngineThatBreaksOffHasBuiltNothing()
    {
        using var engine = Engine("""{"vertex":{"digest":"a","name":"[1/1] RUN x","inputs":[],"started":"2024-01-01T00:00:00Z"}}""");
        var ran = Cli.Gantry("-H", engine.Host, "build", "-q", _root);
        Assert.Equal((1, ""), (ran.Code, ran.Out));
        Assert.Contains("the engine broke off", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void FilesGoWhereTheOutputSays()
    {
        using var archive = new MemoryStream();
        using (var tar = new System.Formats.Tar.TarWriter(archive, leaveOpen: true))
            tar.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "sub/file") { DataStream = new MemoryStream("made"u8.ToArray()) });
        var bytes = archive.ToArray();
        var lines = new[] { bytes[..700], bytes[700..] }.Select(static piece => $$$"""{"file":{"output":"0","data":"{{{Convert.ToBase64String(piece)}}}"}}""");
        using var engine = Engine([.. lines, """{"file":{"output":"0","end":true}}""", """{"result":{"names":[]}}"""]);
        var local = Path.Combine(_root, "out");
        Assert.Equal(0, Cli.Gantry("-H", engine.Host, "build", "-q", "-o", local, _root).Code);
        Assert.Equal("made", File.ReadAllText(Path.Combine(local, "sub/file")));
        var file = Path.Combine(_root, "out.tar");
        Assert.Equal(0, Cli.Gantry("-H", engine.Host, "build", "-q", "-o", "type=tar,dest=" + file, _root).Code);
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void RawEventsAreWrittenAsTheyCome()
    {
        using var engine = Engine(Result());
        Assert.Equal(Result() + "\n", Cli.Gantry("-H", engine.Host, "build", "--progress=rawjson", _root).Error);
    }

    [Theory]
    [InlineData("--ssh", "x=/nowhere/key", "--ssh x: /nowhere/key is not there")]
    [InlineData("--on-fail", "bash", "only shell is known")]
    [InlineData("--on-fail", "shell", "--on-fail shell needs a terminal")]
    [InlineData("--progress", "fancy", "invalid progress mode fancy")]
    [InlineData("--cache-to", "type=s3,bucket=x", "type \"s3\" is not known")]
    [InlineData("--cache-to", "type=registry", "ref is required")]
    [InlineData("--cache-from", "type=local", "src is required")]
    [InlineData("--build-context", "x", "expected key=value")]
    public void WhatIsNotSupportedIsSaidBeforeAnythingIsSent(string flag, string value, string message)
    {
        using var engine = Engine(Result());
        var ran = Cli.Gantry("-H", engine.Host, "build", flag, value, _root);
        Assert.NotEqual(0, ran.Code);
        Assert.Contains(message, ran.Error, StringComparison.Ordinal);
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public void CacheIsPruned()
    {
        using var engine = new FakeEngine(static _ => FakeEngine.Response.Json("""{"CachesDeleted":["a","b"],"SpaceReclaimed":1500}"""));
        var ran = Cli.Gantry("-H", engine.Host, "builder", "prune", "-f", "-a", "--filter", "until=1h");
        Assert.Equal((0, "Deleted build cache objects:\na\nb\n\nTotal:\t 1.5kB\n"), (ran.Code, ran.Out));
        Assert.Contains("/build/prune?all=1&filters=", engine.Requests[^1].Path, StringComparison.Ordinal);
        Cli.Gantry("-H", engine.Host, "builder", "prune", "-f", "--reserved-space", "1k", "--max-used-space", "1m", "--min-free-space", "1g");
        Assert.EndsWith("/build/prune?keep-storage=1024&reserved-space=1024&max-used-space=1048576&min-free-space=1073741824", engine.Requests[^1].Path, StringComparison.Ordinal);
    }

    [Fact]
    public void CacheIsMeasured()
    {
        using var engine = new FakeEngine(static _ => FakeEngine.Response.Json("""
            {"BuildCache":[{"ID":"aa","Type":"regular","Description":"RUN x","Size":1500,"InUse":true,"Shared":false,"LastUsedAt":"2024-01-02T03:04:05Z"},
            {"ID":"bb","Parents":["aa"],"Type":"exec.cachemount","Description":"cached mount bb","Size":3000,"InUse":false,"Shared":false}]}
            """));
        var ran = Cli.Gantry("-H", engine.Host, "builder", "du");
        Assert.Equal(0, ran.Code);
        Assert.Matches(@"ID +RECLAIMABLE +SIZE +LAST ACCESSED *\nbb\* +true +3kB *\naa +false +1\.5kB +.* ago *\nReclaimable:\t3kB\nTotal:\t\t4\.5kB\n", ran.Out);
        var chosen = Cli.Gantry("-H", engine.Host, "builder", "du", "--verbose", "--filter", "type=exec.cachemount").Out;
        Assert.Contains("Parents:\taa\n", chosen, StringComparison.Ordinal);
        Assert.DoesNotContain("RUN x", chosen, StringComparison.Ordinal);
        Assert.Contains("invalid filter \"color=red\"", Cli.Gantry("-H", engine.Host, "builder", "du", "--filter", "color=red").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void LogsOfABuildAreShown()
    {
        using var engine = new FakeEngine(request => request.Path.EndsWith("/build/history", StringComparison.Ordinal)
            ? FakeEngine.Response.Json("""[{"Id":"abc","Started":"2024-01-02T03:04:05Z","Ended":"2024-01-02T03:04:15Z","Status":"built","Names":["app:latest"]}]""")
            : new(200, Encoding.UTF8.GetBytes($"{Result()}\n")));
        Assert.Equal($"built {Id} docker.io/library/app:latest\n", Cli.Gantry("-H", engine.Host, "builder", "logs", "abc").Out);
        Assert.EndsWith("/build/history/abc", engine.Requests[^1].Path, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Gantry("-H", engine.Host, "build", "logs").Code);
        Assert.EndsWith("/build/history/latest", engine.Requests[^1].Path, StringComparison.Ordinal);
        Assert.Contains("abc       2024-01-02 03:04:05   10 seconds   built     app:latest", Cli.Gantry("-H", engine.Host, "builder", "logs", "ls").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ReasonsAreShown()
    {
        const string Step = """{"vertex":{"digest":"a","name":"[2/3] COPY . .","inputs":[],"started":"2024-01-01T00:00:00Z","completed":"2024-01-01T00:00:01Z","why":["files of the context: changed a.js","the base image changed"]}}""";
        using var engine = Engine(Step, Result());
        var ran = Cli.Gantry("-H", engine.Host, "build", "--why", _root);
        Assert.EndsWith("Why 1 step ran:\n [2/3] COPY . .\n   - files of the context: changed a.js\n   - the base image changed\n", ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Why", Cli.Gantry("-H", engine.Host, "build", _root).Error, StringComparison.Ordinal);
        using var idle = Engine(Result());
        Assert.Contains("No step ran", Cli.Gantry("-H", idle.Host, "build", "--why", _root).Error, StringComparison.Ordinal);
        // The same place is the same project, whatever it is called.
        var projects = new HashSet<string>();
        foreach (var path in (string[])[_root, _root + "/", Path.Combine(_root, "../" + Path.GetFileName(_root))])
        {
            Cli.Gantry("-H", idle.Host, "build", path);
            projects.Add(Query(idle)["project"]);
        }

        Assert.Single(projects);
    }

    [Fact]
    public void ProxiesOfTheConfigurationArriveAsArguments()
    {
        using var engine = Engine(Result());
        var config = Directory.CreateDirectory(Path.Combine(_root, "config")).FullName;
        File.WriteAllText(Path.Combine(config, "config.json"), """{"proxies":{"default":{"httpProxy":"http://p:1","noProxy":"a,b"}}}""");
        Cli.Gantry("-H", engine.Host, "--config", config, "build", "--build-arg", "no_proxy=own", _root);
        Assert.Equal("""{"no_proxy":"own","HTTP_PROXY":"http://p:1","http_proxy":"http://p:1","NO_PROXY":"a,b"}""", Query(engine)["buildargs"]);
        File.WriteAllText(Path.Combine(config, "config.json"), """{"proxies":{"default":{"httpProxy":"http://p:1"},"HOST":{"ftpProxy":"http://q:2"}}}""".Replace("HOST", engine.Host, StringComparison.Ordinal));
        Cli.Gantry("-H", engine.Host, "--config", config, "build", _root);
        Assert.Equal("""{"FTP_PROXY":"http://q:2","ftp_proxy":"http://q:2"}""", Query(engine)["buildargs"]);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Gantry.Tests.Unit.Cli;

/// <summary>Contexts and credentials, told and left on disk as docker's client tells and leaves them.</summary>
public sealed class ContextAndLoginTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-test-config-").FullName;
    private readonly FakeEngine _engine = new(static request => request.Path.EndsWith("/auth", StringComparison.Ordinal)
        ? request.Body.Contains("wrong", StringComparison.Ordinal)
            ? FakeEngine.Response.Json("""{"message":"login attempt to https://r/v2/ failed with status: 401 Unauthorized"}""", 401)
            : FakeEngine.Response.Json("""{"IdentityToken":"","Status":"Login Succeeded"}""")
        : FakeEngine.Response.Json("{}"));

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void ContextsAreDockers() => Compare(
        "context create one --docker host=tcp://1.2.3.4:2376 --description 'a b'",
        "context create one --docker host=unix:///x.sock",
        "context create two --docker host=unix:///run/x.sock",
        "context create copy --from one",
        "context create 'bad name' --docker host=tcp://1.2.3.4:1",
        "context create default",
        "context create three --docker foo=1",
        "context create three --docker foo",
        "context create three --docker host=tcp://1.2.3.4:1,ca=/nonexistent",
        "context create three --docker host=tcp://1.2.3.4:2376,ca=BROKEN",
        "context create three --docker host=tcp://1.2.3.4:2376,ca=PEM,skip-tls-verify=true",
        "context inspect three",
        "context inspect one",
        "context inspect -f '{{.Name}} {{.Endpoints.docker.Host}} {{json .Endpoints}}' one two",
        "context inspect nosuch",
        "context ls -q",
        "context ls --format '{{.Name}}|{{.Description}}|{{.Current}}'",
        "context show",
        "context use two",
        "context show",
        "context use nosuch",
        "context rm two",
        "context rm nosuch",
        "context rm default",
        "context update one --description new",
        "context update two --docker host=tcp://9.9.9.9:1",
        "context update nosuch --description x",
        "context inspect",
        "context rm -f two",
        "context export one /nonexistent/x",
        "context import one /nonexistent",
        "context import default /nonexistent",
        "context import 'bad name' /nonexistent",
        "context import new /nonexistent",
        "context import new",
        "context export",
        "context rm one copy",
        "context show",
        "context use default",
        "context foo");

    /// <summary>What one client exports the other imports, certificates included, and both leave the same.</summary>
    [Fact]
    public void ContextsTravelBetweenBothClients()
    {
        Assert.SkipUnless(File.Exists(Cli.Docker), "docker's client is not installed");
        var pem = Path.Combine(_root, "ca.pem");
        File.WriteAllText(pem, Certificate());
        var (docker, gantry, file) = (Path.Combine(_root, "theirs"), Path.Combine(_root, "ours"), Path.Combine(_root, "file"));
        Assert.Equal(0, Cli.RunDocker("--config", docker, "context", "create", "one", "--description", "far away", "--docker", $"host=tcp://1.2.3.4:2376,ca={pem}").Code);
        Assert.Equal(0, Cli.RunDocker("--config", docker, "context", "export", "one", file).Code);
        var import = Cli.Gantry("--config", gantry, "context", "import", "one", file);
        Assert.Equal((0, "one\n", "Successfully imported context \"one\"\n"), (import.Code, import.Out, import.Error));
        Assert.Equal(Left(docker), Left(gantry));

        File.Delete(file);
        var export = Cli.Gantry("--config", gantry, "context", "export", "one", file);
        Assert.Equal((0, $"Written file \"{file}\"\n"), (export.Code, export.Error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal($"open {file}: file exists\n", Cli.Gantry("--config", gantry, "context", "export", "one", file).Error);
        Assert.Equal(0, Cli.RunDocker("--config", docker, "context", "import", "two", file).Code);
        Assert.Equal(0, Cli.Gantry("--config", gantry, "context", "import", "two", file).Code);
        Assert.Equal(Left(docker), Left(gantry));
    }

    [Theory]
    [InlineData("../meta.json", "unexpected context file")]
    [InlineData("tls/docker/../../x", "unexpected context file")]
    [InlineData("other", "unexpected context file")]
    [InlineData("tls/docker/ca.pem", "no metadata found")]
    public void AnArchiveOfSomebodyElseIsReadWithCare(string entry, string why)
    {
        var file = Path.Combine(_root, "hostile.tar");
        using (var stream = File.Create(file))
        using (var tar = new System.Formats.Tar.TarWriter(stream))
            tar.WriteEntry(new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, entry) { DataStream = new MemoryStream("x"u8.ToArray()) });
        var result = Cli.Gantry("--config", Path.Combine(_root, "c"), "context", "import", "new", file);
        Assert.Equal(1, result.Code);
        Assert.Contains(why, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_root, "c", "contexts")));
    }

    [Fact]
    public void CredentialsAreDockers() => Compare(
        "-H ENGINE login -u me -p secret reg.example:5000",
        "-H ENGINE login -u me -p secret reg.example:5000",
        "-H ENGINE login -u me -p wrong other.example",
        "-H ENGINE login -u me -p s https://third.example/v2/",
        "-H ENGINE login -u hub -p s",
        "-H ENGINE login reg.example:5000",
        "-H ENGINE login -u me new.example",
        "-H ENGINE login -u me -p s --password-stdin x",
        "-H ENGINE login --password-stdin x",
        "-H ENGINE login a b",
        "logout reg.example:5000",
        "logout nosuch",
        "logout");

    [Fact]
    public void TheContextInUseIsTheEngine()
    {
        var config = Path.Combine(_root, "used");
        Assert.Equal(0, Cli.Gantry("--config", config, "context", "create", "fake", "--docker", $"host={_engine.Host}").Code);
        Assert.Equal(0, Cli.Gantry("--config", config, "context", "use", "fake").Code);
        _engine.Forget();
        Cli.Gantry("--config", config, "login", "-u", "me", "-p", "secret", "r.example");
        Assert.Contains(_engine.Requests, static request => request.Path.EndsWith("/auth", StringComparison.Ordinal));
    }

    [Fact]
    public void AFileThatIsNoJsonIsLeftAlone()
    {
        var config = Directory.CreateDirectory(Path.Combine(_root, "broken")).FullName;
        File.WriteAllText(Path.Combine(config, "config.json"), "{ not json");
        var result = Cli.Gantry("--config", config, "-H", _engine.Host, "login", "-u", "me", "-p", "secret", "r.example");
        Assert.Equal(1, result.Code);
        Assert.Contains("is not valid JSON, so it is not changed", result.Error, StringComparison.Ordinal);
        Assert.Equal("{ not json", File.ReadAllText(Path.Combine(config, "config.json")));
    }

    /// <summary>Runs the same lines with both clients, each with a configuration of its own, and compares what they say and what they leave.</summary>
    private void Compare(params string[] lines)
    {
        Assert.SkipUnless(File.Exists(Cli.Docker), "docker's client is not installed");
        var (pem, broken) = (Path.Combine(_root, "ca.pem"), Path.Combine(_root, "broken.pem"));
        File.WriteAllText(pem, Certificate());
        File.WriteAllText(broken, "-----BEGIN CERTIFICATE-----\n");
        var (docker, gantry) = (Path.Combine(_root, "theirs"), Path.Combine(_root, "ours"));
        List<string> differing = [];
        foreach (var line in lines)
        {
            var words = Cli.Split(line.Replace("PEM", pem, StringComparison.Ordinal).Replace("BROKEN", broken, StringComparison.Ordinal).Replace("ENGINE", _engine.Host, StringComparison.Ordinal));
            var theirs = Cli.RunDocker(["--config", docker, .. words]);
            var ours = Cli.Gantry(["--config", gantry, .. words]);
            if (theirs.Code == ours.Code && theirs.Out.Replace(docker, "DIR", StringComparison.Ordinal) == ours.Out.Replace(gantry, "DIR", StringComparison.Ordinal)
                && FirstLine(theirs.Error, docker) == FirstLine(ours.Error, gantry) && Left(docker) == Left(gantry))
                continue;
            differing.Add(line);
            output.WriteLine($"{line}\n docker {theirs.Code} {theirs.Out}{theirs.Error}{Left(docker)}\n gantry {ours.Code} {ours.Out}{ours.Error}{Left(gantry)}");
        }
        Assert.Empty(differing);
    }

    private static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return certificate.ExportCertificatePem();
    }

    // Kernel and Go word errors of files differently behind the path.
    private static string FirstLine(string error, string directory) =>
        error.Split('\n')[0].Replace(directory, "DIR", StringComparison.Ordinal).Replace("docker", "gantry", StringComparison.Ordinal) is var line && line.IndexOf("open /nonexistent", StringComparison.Ordinal) is var at and > 0 ? line[..at] : line;

    private static string Left(string directory) => !Directory.Exists(directory) ? "" : string.Join('\n',
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetRelativePath(directory, path)}: {File.ReadAllText(path)}"));
}

using Xunit;

namespace Gantry.Tests.Unit.Cli.Builds;

/// <summary><c>gantry build --context-report</c>: what would be sent.</summary>
public sealed class ContextReportTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-report-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Put(string name, string text)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    [Fact]
    public void FilesPatternsAndSecretsAreTold()
    {
        Put("Dockerfile", "FROM scratch\n");
        Put(".dockerignore", "node_modules\n*.bak\n!dist/keep\ndist\n**/*.tmp\nnode_modules/x\n");
        Put("node_modules/x/index.js", "0123456789");
        Put("src/big.bin", new string('x', 5000));
        Put("src/a.tmp", "left out");
        Put(".env", "PASSWORD=1");
        Put(".env.example", "PASSWORD=");
        Put("keys/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----");
        Put("keys/id_rsa.pub", "ssh-rsa");
        Put("keys/server.pem", "-----BEGIN PRIVATE KEY-----");
        Put("keys/chain.pem", "-----BEGIN CERTIFICATE-----");
        Put(".npmrc", "//registry.npmjs.org/:_authToken=abc");
        Put("sub/.npmrc", "registry=https://registry.npmjs.org");
        Put(".git/config", "[remote \"origin\"]\n\turl = https://me:token@example.test/x.git\n");
        var ran = Cli.Gantry("-H", "unix:///nowhere", "build", "--context-report", _root);
        Assert.Equal((0, ""), (ran.Code, ran.Error));
        Assert.StartsWith($"Context {_root}: 12 files, 5.", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Largest:\n        5kB  src/big.bin\n", ran.Out, StringComparison.Ordinal);
        Assert.Contains("match nothing:\n  *.bak\n  !dist/keep\n  dist\n\nSecrets", ran.Out, StringComparison.Ordinal);
        var secrets = ran.Out[ran.Out.IndexOf("Secrets about", StringComparison.Ordinal)..].Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(
            ["  .env: variables, passwords often among them", "  .git/config: a login in a URL", "  .npmrc: a token for a package registry", "  keys/id_rsa: a private SSH key", "  keys/server.pem: a private key"],
            secrets.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void NothingBadIsNotMentioned()
    {
        Put("Dockerfile", "FROM scratch\n");
        var ran = Cli.Gantry("-H", "unix:///nowhere", "build", "--context-report", _root);
        Assert.Equal($"Context {_root}: 1 file, 13B\n\nLargest:\n        13B  Dockerfile\n", ran.Out);
        Assert.Contains("--context-report looks through a directory", Cli.Gantry("-H", "unix:///nowhere", "build", "--context-report", "https://example.test/x.git").Error, StringComparison.Ordinal);
    }
}

using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Explain;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Explain;

/// <summary>Last words of programs that the corpus of real containers does not hold, as those programs write them.</summary>
public sealed class LogRulesTests
{
    [Theory]
    [InlineData("Error: Database is uninitialized and superuser password is not specified. You must specify POSTGRES_PASSWORD to a non-empty value", "needs-password", "-e POSTGRES_PASSWORD=")]
    [InlineData("    You need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "needs-password", "-e MARIADB_ROOT_PASSWORD=")]
    [InlineData("FATAL:  database files are incompatible with server", "data-of-other-version", "dump with the old one")]
    [InlineData("FATAL:  data directory \"/var/lib/postgresql/data\" has wrong ownership", "data-owner", "chown")]
    [InlineData("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "heap-full", "--max-old-space-size")]
    [InlineData("Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space", "heap-full", "-XX:MaxRAMPercentage")]
    [InlineData("/app/tool: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /app/tool)", "old-libc", "newer base image")]
    [InlineData("Error loading shared library libstdc++.so.6: No such file or directory (needed by /app/tool)", "missing-library", "libstdc++.so.6")]
    [InlineData("Error relocating /app/tool: __snprintf_chk: symbol not found", "foreign-libc", "Debian base image")]
    [InlineData("Error: Cannot find module 'express'", "missing-module", "npm install")]
    [InlineData("ModuleNotFoundError: No module named 'flask'", "missing-module", "pip install")]
    [InlineData("Error: Could not find or load main class com.example.Main", "missing-module", "dependencies")]
    [InlineData("Error: listen EADDRINUSE: address already in use :::3000", "port-in-use-inside", "change the port")]
    [InlineData("[emerg] 1#1: bind() to 0.0.0.0:80 failed (13: Permission denied)", "privileged-port", "above 1023")]
    [InlineData("Error: connect ECONNREFUSED 127.0.0.1:5432", "localhost", "host.docker.internal")]
    [InlineData("psql: error: could not translate host name \"db\" to address: Name or service not known", "no-such-host", "--dns")]
    [InlineData("Error: getaddrinfo ENOTFOUND host.docker.internal", "no-such-host", "--add-host host.docker.internal:host-gateway")]
    [InlineData("curl: (60) SSL certificate problem: unable to get local issuer certificate", "certificate", "ca-certificates")]
    [InlineData("tls: failed to verify certificate: x509: certificate signed by unknown authority", "certificate", "update-ca-certificates")]
    [InlineData("accept4: too many open files", "too-many-files", "--ulimit nofile=65536")]
    [InlineData("java.lang.OutOfMemoryError: unable to create native thread", "heap-full", "--max-old-space-size")]
    [InlineData("sh: 1: fork: Resource temporarily unavailable", "too-many-processes", "--ulimit nproc")]
    [InlineData("sudo: The \"no new privileges\" flag is set, which prevents sudo from running as root.", "no-new-privileges", "--user")]
    [InlineData("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", "engine-socket", "as mighty as root")]
    [InlineData("the input device is not a tty", "no-terminal", "gantry run -it app")]
    [InlineData("./start.sh: line 2: $'\\r': command not found", "crlf-inside", "dos2unix")]
    [InlineData("./start.sh: 3: [[: not found", "wrong-shell", "#!/bin/bash")]
    [InlineData("could not resize shared memory segment \"/PostgreSQL.1\" to 8388608 bytes: No space left on device", "shm-full", "--shm-size 256m")]
    [InlineData("OSError: [Errno 28] No space left on device: '/data/x'", "no-space", "gantry system df")]
    public void AWordOfTheLogIsUnderstood(string line, string code, string fix)
    {
        var finding = LogRules.Find(Facts("starting", line));
        Assert.Equal(code, finding?.Code);
        Assert.Contains(fix, finding!.Fix, StringComparison.Ordinal);
        Assert.Equal(line, finding.Evidence);
    }

    [Theory]
    [InlineData("listening on port 80")]
    [InlineData("GET /not found 404")]
    [InlineData("")]
    public void OrdinaryWordsAreNot(string line) => Assert.Null(LogRules.Find(Facts(line)));

    [Fact]
    public void NothingIsReadIntoARunThatWentWell() => Assert.Null(LogRules.Find(Facts("Permission denied") with { Record = Record(exitCode: 0) }));

    [Theory]
    [InlineData("tcp", "  sl  local_address rem_address   st\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000", "127.0.0.1", 8080, true)]
    [InlineData("tcp", "  sl  local_address rem_address   st\n   0: 00000000:0050 00000000:0000 0A 00000000:00000000", "0.0.0.0", 80, false)]
    [InlineData("udp", "  sl  local_address rem_address   st\n   0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0", "::1", 53, true)]
    public void ATableOfSocketsIsRead(string protocol, string table, string address, int port, bool local)
    {
        var listener = Assert.Single(Listener.Parse(protocol, table));
        Assert.Equal((address, port, local), (listener.Address.ToString(), listener.Port, listener.IsLocal));
    }

    private static ContainerFacts Facts(params string[] lines) => new() { Record = Record(exitCode: 1), LastLines = lines };

    private static ContainerRecord Record(int exitCode) => new()
    {
        Id = ContainerId.Parse(new string('a', 64)),
        Name = "patient",
        Created = DateTimeOffset.UnixEpoch,
        ImageId = Digest.Parse("sha256:" + new string('b', 64)),
        Config = new ContainerConfig { Image = "app" },
        HostConfig = new HostConfig(),
        Run = new ContainerRun { Status = ContainerStatus.Exited, ExitCode = exitCode, StartedAt = DateTimeOffset.UnixEpoch, FinishedAt = DateTimeOffset.UnixEpoch.AddSeconds(1) },
    };
}

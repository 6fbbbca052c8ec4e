using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gantry.Kernel.Reactor;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Runtime.Logs;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Logs;

/// <summary>A log server of .NET's own TLS, and a monitor's log that sends to it.</summary>
public sealed class TlsLogTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gantry-syslog-tls-");
    private readonly EpollLoop _loop = new();
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _identity;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _clients = [];

    public TlsLogTests()
    {
        _identity = _authority.Signed("server", TestAuthority.ServerUse, IPAddress.Loopback);
        _listener.Start();
        Write("ca", _authority.Certificate.ExportCertificatePem());
        Write("nonsense", "nonsense");
        using var client = _authority.Signed("client", TestAuthority.ClientUse);
        Write("cert", client.ExportCertificatePem());
        Write("key", TestAuthority.KeyOf(client));
        using var other = new TestAuthority("another");
        Write("other-ca", other.Certificate.ExportCertificatePem());
        using var stranger = other.Signed("stranger");
        Write("other-key", TestAuthority.KeyOf(stranger));
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _identity.Dispose();
        _authority.Dispose();
        _loop.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("", "<30>.* web\\[[0-9]+\\]: one\n<27>.* web\\[[0-9]+\\]: two\n")]
    [InlineData("rfc5424", "(?<length>[0-9]+) (?<frame><30>1 .* web [0-9]+ web - one\n)[0-9]+ <27>1 .* web [0-9]+ web - two\n")]
    public async Task LinesArriveAndTheClientShowsWhoItIs(string format, string expected)
    {
        var serving = ServeAsync();
        using (var log = Open(Tls(certificate: "cert", key: "key"), format))
        {
            log.Write("one\n"u8, isStderr: false);
            log.Write("two\n"u8, isStderr: true);
            log.Finish();
        }
        var text = await serving;
        Assert.Matches($"^{expected}$", text);
        var frame = global::System.Text.RegularExpressions.Regex.Match(text, expected).Groups;
        if (format.Length > 0)
            Assert.Equal(frame["length"].Value, $"{Encoding.UTF8.GetByteCount(frame["frame"].Value)}");
        Assert.Equal(["CN=client"], _clients);
    }

    [Theory]
    [InlineData("other-ca", "", "", "127.0.0.1", "TLS with 127.0.0.1: the server's certificate is not trusted: unable to get local issuer certificate")]
    [InlineData("ca", "", "", "127.0.0.2", "TLS with 127.0.0.2: the server's certificate is not trusted: IP address mismatch")]
    [InlineData("ca", "", "", "log.example", "TLS with log.example: the server's certificate is not trusted: hostname mismatch")]
    [InlineData("absent", "", "", "127.0.0.1", "could not read CA certificate \"DIR/absent\": No such file or directory")]
    [InlineData("nonsense", "", "", "127.0.0.1", "could not read CA certificate \"DIR/nonsense\": no certificate or crl found")]
    [InlineData("ca", "absent", "key", "127.0.0.1", "could not load X509 key pair: certificate \"DIR/absent\": No such file or directory")]
    [InlineData("ca", "cert", "other-key", "127.0.0.1", "could not load X509 key pair: key \"DIR/other-key\": key values mismatch")]
    public async Task WhatIsNotInOrderIsNamed(string authority, string certificate, string key, string host, string sentence)
    {
        var serving = ServeAsync();
        var failure = Assert.Throws<GantryException>(() => LogOpener.Open(Options(Tls(authority, certificate, key, host), ""), _loop, TimeProvider.System));
        Assert.Equal("failed to initialize logging driver: " + sentence, failure.Message.Replace(_directory.FullName, "DIR", StringComparison.Ordinal));
        _listener.Stop();
        Assert.Equal("", await serving);
    }

    [Fact]
    public async Task TheCheckCanBeLeftOut()
    {
        var serving = ServeAsync();
        using (var log = Open(Tls("other-ca", host: "log.example") with { SkipVerify = true }))
        {
            log.Write("one\n"u8, isStderr: false);
            log.Finish();
        }
        Assert.EndsWith(": one\n", await serving, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatWentAwayIsFoundAgainAndTrustedNoMoreThanBefore()
    {
        var first = ServeAsync(ends: true);
        using var log = Open(Tls());
        await RunWhileAsync(first);
        _loop.RunOnce(500); // sees the end, if it has not yet

        // Somebody else listens there now, then the server again.
        using var stranger = new TestAuthority("another");
        using var foreign = stranger.Signed("server", TestAuthority.ServerUse, IPAddress.Loopback);
        log.Write("meanwhile\n"u8, isStderr: false);
        Assert.Equal("", await RunWhileAsync(ServeAsync(foreign)));
        var again = ServeAsync();
        log.Write("again\n"u8, isStderr: false);
        while (_clients.Count < 2)
            _loop.RunOnce(100);
        log.Finish();
        log.Dispose();
        var lines = (await again).Split('\n');
        Assert.EndsWith(": meanwhile", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(": again", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASlowServerLosesNothing()
    {
        var begin = new TaskCompletionSource();
        var serving = ServeAsync(begin: begin.Task);
        using var log = Open(Tls(), buffer: 100_000);
        var line = Encoding.UTF8.GetBytes(new string('x', 20_000) + "\n");
        var sent = 0;
        for (; !log.IsBehind && sent < 5000; sent++)
            log.Write(line, isStderr: false);
        Assert.InRange(sent, 5, 4999);
        begin.SetResult();
        while (log.IsBehind)
            _loop.RunOnce(1000);
        log.Finish();
        log.Dispose();
        var lines = (await serving).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(sent * 20_000, lines.Sum(text => text.Count(letter => letter == 'x')));
    }

    // One connection: what came on it until its end; nothing when the peers did not agree.
    private async Task<string> ServeAsync(X509Certificate2? identity = null, bool ends = false, Task? begin = null)
    {
        try
        {
            using var connection = await _listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = identity ?? _identity,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            });
            _clients.Add(tls.RemoteCertificate?.Subject ?? "");
            if (ends)
                return "";
            await (begin ?? Task.CompletedTask);
            using var reader = new StreamReader(tls);
            return await reader.ReadToEndAsync();
        }
        catch (Exception error) when (error is IOException or AuthenticationException or SocketException or InvalidOperationException)
        {
            return "";
        }
    }

    private async Task<string> RunWhileAsync(Task<string> serving)
    {
        while (!serving.IsCompleted)
            _loop.RunOnce(50);
        return await serving;
    }

    private RemoteLog Open(MonitorTls tls, string format = "", int buffer = 1 << 20) =>
        new(Options(tls, format).Remote! with { BufferBytes = buffer }, _loop, TimeProvider.System);

    private MonitorLogOptions Options(MonitorTls tls, string format) => new()
    {
        Path = "",
        Remote = new MonitorRemoteLog { Protocol = "tcp", Address = "127.0.0.1", Port = Port, Tls = tls, Format = format, Facility = 3, Tag = "web", Hostname = "host" },
    };

    private MonitorTls Tls(string authority = "ca", string certificate = "", string key = "", string host = "127.0.0.1") =>
        new() { Host = host, AuthorityFile = PathOf(authority), CertificateFile = PathOf(certificate), KeyFile = PathOf(key) };

    private string PathOf(string name) => name.Length == 0 ? "" : Path.Combine(_directory.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);
}

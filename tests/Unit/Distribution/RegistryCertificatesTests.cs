using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gantry.Distribution;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Distribution;

/// <summary>A registry with a certificate of its own authority, which also wants to see one.</summary>
public sealed class RegistryCertificatesTests : IAsyncDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _directory = Directory.CreateTempSubdirectory("gantry-certs-").FullName;
    private readonly Task _serving;
    private readonly RegistryClient _client;

    public RegistryCertificatesTests()
    {
        _listener.Start();
        _serving = ServeAsync();
        _client = new(new RegistryOptions { CertificateDirectories = [Path.Combine(_directory, "none"), _directory] });
    }

    private string HostAndPort => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    private string Own => Path.Combine(_directory, HostAndPort);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _listener.Stop();
        await _serving;
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task TheServersDirectoryIsUsedAsSoonAsItIsThere()
    {
        await Assert.ThrowsAsync<HttpRequestException>(GetAsync);
        Directory.CreateDirectory(Own);
        File.WriteAllText(Path.Combine(Own, "ca.crt"), _authority.Certificate.ExportCertificatePem());
        await Assert.ThrowsAsync<HttpRequestException>(GetAsync); // trusted, but it does not know us
        using var client = _authority.Signed("client");
        File.WriteAllText(Path.Combine(Own, "client.key"), TestAuthority.KeyOf(client));
        File.WriteAllText(Path.Combine(Own, "client.cert"), client.ExportCertificatePem());
        Assert.Equal("ok", await GetAsync());

        // Nobody else's authority will do.
        using var other = new TestAuthority();
        File.WriteAllText(Path.Combine(Own, "ca.crt"), other.Certificate.ExportCertificatePem());
        await Assert.ThrowsAsync<HttpRequestException>(GetAsync);
    }

    [Theory]
    [InlineData("client.cert", "missing key client.key for client certificate client.cert. CA certificates must use the extension .crt")]
    [InlineData("client.key", "missing client certificate client.cert for key client.key")]
    public void HalfAPairIsNamed(string file, string sentence)
    {
        Directory.CreateDirectory(Own);
        using var client = _authority.Signed("client");
        File.WriteAllText(Path.Combine(Own, file), client.ExportCertificatePem());
        var error = Assert.Throws<GantryException>(() => RegistryCertificates.Find([_directory], HostAndPort));
        Assert.Equal((ErrorKind.Invalid, sentence), (error.Kind, error.Message));
    }

    [Fact]
    public void NamesThatLeadElsewhereHaveNoDirectory() =>
        Assert.All((string[])["..", ".", "", "../etc"], name => Assert.Null(RegistryCertificates.Find([_directory], name)));

    private async Task<string> GetAsync()
    {
        var address = new Uri($"https://{HostAndPort}/");
        return await _client.For(new RegistryEndpoint(address, IsMirror: false, IsInsecure: false), address).GetStringAsync(address);
    }

    private async Task ServeAsync()
    {
        using var identity = _authority.Signed("server", address: IPAddress.Loopback);
        while (true)
        {
            try
            {
                using var connection = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(connection, identity);
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient connection, X509Certificate2 identity)
    {
        try
        {
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = identity,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 { Subject: "CN=client" },
            });
            var request = new byte[4096];
            _ = await tls.ReadAsync(request);
            await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray());
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // One of the two would not have the other.
        }
    }
}

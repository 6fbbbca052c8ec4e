using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gantry.Distribution;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Distribution;

/// <summary>A registry with a certificate of its own authority, which also wants to see one.</summary>
public sealed class RegistryCertificatesTests : IAsyncDisposable
{
    private readonly X509Certificate2 _authority = Authority();
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
        File.WriteAllText(Path.Combine(Own, "ca.crt"), _authority.ExportCertificatePem());
        await Assert.ThrowsAsync<HttpRequestException>(GetAsync); // trusted, but it does not know us
        var (certificate, key) = Signed("client");
        File.WriteAllText(Path.Combine(Own, "client.key"), key);
        File.WriteAllText(Path.Combine(Own, "client.cert"), certificate);
        Assert.Equal("ok", await GetAsync());

        // Nobody else's authority will do.
        using var other = Authority();
        File.WriteAllText(Path.Combine(Own, "ca.crt"), other.ExportCertificatePem());
        await Assert.ThrowsAsync<HttpRequestException>(GetAsync);
    }

    [Theory]
    [InlineData("client.cert", "missing key client.key for client certificate client.cert. CA certificates must use the extension .crt")]
    [InlineData("client.key", "missing client certificate client.cert for key client.key")]
    public void HalfAPairIsNamed(string file, string sentence)
    {
        Directory.CreateDirectory(Own);
        File.WriteAllText(Path.Combine(Own, file), Signed("client").Certificate);
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
        var (certificate, key) = Signed("server");
        using var identity = X509Certificate2.CreateFromPem(certificate, key);
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

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
    }

    private (string Certificate, string Key) Signed(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_authority, DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return (signed.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}

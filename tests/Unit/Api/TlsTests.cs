using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gantry.Api;
using Gantry.Api.Server;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class TlsTests
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    [Fact]
    public async Task OnlyClientsOfTheAuthorityAreServed()
    {
        using var authority = Authority("ours");
        using var stranger = Authority("theirs");
        using var server = Signed(authority, "server", ServerUse);
        using var client = Signed(authority, "client", ClientUse);
        using var foreign = Signed(stranger, "client", ClientUse);
        using var misused = Signed(authority, "client", ServerUse);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = (IPEndPoint)socket.LocalEndPoint!;
        var listener = new ApiListener { Socket = socket, Tls = new TlsIdentity { Certificate = server, ClientAuthorities = [authority] } };
        await using var running = await ApiServer.StartAsync(Routes.All, new ServerFacts(null!, "1", TimeProvider.System, NullLogger.Instance), [listener], NullLoggerFactory.Instance, CancellationToken.None);

        Assert.StartsWith("HTTP/1.1 200", await PingAsync(endpoint, client), StringComparison.Ordinal);
        Assert.Equal("", await PingAsync(endpoint, foreign));
        Assert.Equal("", await PingAsync(endpoint, misused));
        Assert.Equal("", await PingAsync(endpoint, null));
        Assert.StartsWith("HTTP/1.1 200", await PingAsync(endpoint, client), StringComparison.Ordinal);
    }

    private static async Task<string> PingAsync(IPEndPoint endpoint, X509Certificate2? certificate)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(endpoint);
        try
        {
            await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "x", ClientCertificates = certificate is null ? [] : [certificate] });
            await tls.WriteAsync(Encoding.ASCII.GetBytes("GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
            return await WireServer.ReadToEndAsync(tls);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return "";
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, string name, string use)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], true));
        using var signed = request.Create(authority, DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gantry.Api;
using Gantry.Api.Server;
using Gantry.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class TlsTests
{
    [Fact]
    public async Task OnlyClientsOfTheAuthorityAreServed()
    {
        using var authority = new TestAuthority("ours");
        using var stranger = new TestAuthority("theirs");
        using var server = authority.Signed("server", TestAuthority.ServerUse);
        using var client = authority.Signed("client", TestAuthority.ClientUse);
        using var foreign = stranger.Signed("client", TestAuthority.ClientUse);
        using var misused = authority.Signed("client", TestAuthority.ServerUse);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = (IPEndPoint)socket.LocalEndPoint!;
        var listener = new ApiListener { Socket = socket, Tls = new TlsIdentity { Certificate = server, ClientAuthorities = [authority.Certificate] } };
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
}

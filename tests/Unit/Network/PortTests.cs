using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Network.Ports;
using Xunit;

namespace Gantry.Tests.Unit.Network;

public sealed class PortTests
{
    [Theory]
    [InlineData("80", "", "", 80, "tcp", null, 0, 0)]
    [InlineData("80/tcp", "0.0.0.0", "8080", 80, "tcp", "0.0.0.0", 8080, 8080)]
    [InlineData("53/UDP", "127.0.0.1", "5300-5310", 53, "udp", "127.0.0.1", 5300, 5310)]
    [InlineData("80/tcp", null, "0", 80, "tcp", null, 0, 0)]
    [InlineData("38412/sctp", "::", "1", 38412, "sctp", "::", 1, 1)]
    public void Bindings_are_read(string port, string? address, string? hostPort, int container, string protocol, string? host, int first, int last)
    {
        var request = PortRequest.From(port, new() { HostIp = address, HostPort = hostPort });
        Assert.Equal((container, protocol, host, first, last), (request.ContainerPort, request.Protocol, request.HostAddress?.ToString(), request.HostPort, request.HostPortLast));
    }

    [Theory]
    [InlineData("0", "", "", ErrorKind.Invalid)]
    [InlineData("65536", "", "", ErrorKind.Invalid)]
    [InlineData("-1", "", "", ErrorKind.Invalid)]
    [InlineData("http", "", "", ErrorKind.Invalid)]
    [InlineData("80/icmp", "", "", ErrorKind.Invalid)]
    [InlineData("80", "1.2.3", "", ErrorKind.Invalid)]
    [InlineData("80", "localhost", "", ErrorKind.Invalid)]
    [InlineData("80", "fe80::1%eth0", "", ErrorKind.NotSupported)]
    [InlineData("80", "", "8010-8000", ErrorKind.Invalid)]
    [InlineData("80", "", "0-10", ErrorKind.Invalid)]
    [InlineData("80", "", "70000", ErrorKind.Invalid)]
    [InlineData("80", "", "80 ; flush ruleset", ErrorKind.Invalid)]
    [InlineData("80", "", "+80", ErrorKind.Invalid)]
    public void What_is_no_port_is_refused(string port, string address, string hostPort, ErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<GantryException>(() => PortRequest.From(port, new() { HostIp = address, HostPort = hostPort })).Kind);

    [Theory]
    [InlineData("0.0.0.0", false, null)]
    [InlineData("", true, null)]
    [InlineData("fd00::1", true, null)]
    [InlineData("fd00::1", false, "start gantryd with --ipv6")]
    [InlineData("::1", true, "publish on 127.0.0.1")]
    public void An_address_of_IPv6_needs_a_network_that_has_it_or_a_relay(string address, bool hasIPv6, string? words)
    {
        PortRequest.From("80", new() { HostIp = address }).Check(hasIPv6);
        var request = PortRequest.From("80/udp", new() { HostIp = address });
        if (words is null)
            request.Check(hasIPv6);
        else
            Assert.Contains(words, Assert.Throws<GantryException>(() => request.Check(hasIPv6)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0100007F:1F90", "127.0.0.1", true)]
    [InlineData("0100007F:1F90", "127.0.0.2", false)]
    [InlineData("00000000:1F90", "127.0.0.2", true)]
    [InlineData("00000000000000000000000000000000:1F90", "127.0.0.2", true)]
    [InlineData("00000000:1F90", "::", false)]
    [InlineData("B80D0120000000000000000001000000:1F90", "2001:db8::1", true)]
    [InlineData("B80D0120000000000000000001000000:1F90", "2001:db8::2", false)]
    [InlineData("B80D0120000000000000000001000000:1F90", "::", true)]
    [InlineData("B80D0120000000000000000001000000:1F91", "2001:db8::1", false)]
    public void The_holder_of_a_port_is_found_by_its_line(string bound, string address, bool holds) => Assert.Equal(
        holds ? "4711" : null,
        PortHolder.Socket($"   0: {bound} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", System.Net.IPAddress.Parse(address), 0x1F90, onlyListening: true));

    [Fact]
    public void A_port_without_bindings_gets_an_ephemeral_one()
    {
        var requests = PortRequest.FromBindings(new Dictionary<string, IReadOnlyList<PortBinding>?>
        {
            ["80/tcp"] = null,
            ["81/tcp"] = [],
            ["82/tcp"] = [new() { HostPort = "1" }, new() { HostPort = "2" }],
        });
        Assert.Equal([(80, 0), (81, 0), (82, 1), (82, 2)], requests.Select(request => (request.ContainerPort, request.HostPort)));
        Assert.Empty(PortRequest.FromBindings(null));
    }

    [Fact]
    public void Published_ports_are_shown_as_docker_shows_them()
    {
        using var ports = new PublishedPorts("c", [new("tcp", 80, "0.0.0.0", 8080), new("tcp", 80, "127.0.0.1", 8081), new("udp", 53, "0.0.0.0", 53)], []);
        var bindings = ports.ToBindings();
        Assert.Equal(["80/tcp", "53/udp"], bindings.Keys);
        Assert.Equal([("0.0.0.0", "8080"), ("127.0.0.1", "8081")], bindings["80/tcp"]!.Select(binding => (binding.HostIp, binding.HostPort)));
    }
}

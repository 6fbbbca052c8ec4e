using Gantry.Engine.Links;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Links;

public sealed class LinkEnvironmentTests
{
    [Fact]
    public void TellsPortsNameAndVariables() => Assert.Equal(
        [
            "MY_DB_PORT=tcp://172.17.0.2:53",
            "MY_DB_PORT_53_TCP=tcp://172.17.0.2:53", "MY_DB_PORT_53_TCP_ADDR=172.17.0.2", "MY_DB_PORT_53_TCP_PORT=53", "MY_DB_PORT_53_TCP_PROTO=tcp",
            "MY_DB_PORT_53_UDP=udp://172.17.0.2:53", "MY_DB_PORT_53_UDP_ADDR=172.17.0.2", "MY_DB_PORT_53_UDP_PORT=53", "MY_DB_PORT_53_UDP_PROTO=udp",
            "MY_DB_NAME=/web/my-db", "MY_DB_ENV_A=b=c",
        ],
        LinkEnvironment.Of("my-db", "/web/my-db", "172.17.0.2", [(53, "udp"), (53, "tcp")], ["PATH=/bin", "HOME=/", "A=b=c"]));
}

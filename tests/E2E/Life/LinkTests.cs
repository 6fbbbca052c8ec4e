using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>--link on the default bridge, and --add-host with host-gateway.</summary>
[Collection(LifeCollection.Name)]
public sealed class LinkTests(HubFixture hub)
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task ALinkedContainerIsKnownByNameAndVariables()
    {
        (await Engine.DockerAsync("run", "-d", "--name", "db1", "--expose", "5432", "-e", "MODE=test", "busybox", "sleep", "600")).Succeeded();
        var address = (await Engine.DockerAsync("inspect", "--format", "{{(index .NetworkSettings.Networks \"bridge\").IPAddress}}", "db1")).Succeeded().Text;
        var run = (await Engine.DockerAsync("run", "--name", "web1", "--link", "db1:db", "--add-host", "gate:host-gateway", "busybox", "sh", "-c", "env | grep ^DB_ | sort; ping -c 1 db >/dev/null && grep -w db /etc/hosts; grep -w gate /etc/hosts | cut -f1")).Succeeded();
        var hostname = (await Engine.DockerAsync("inspect", "--format", "{{.Config.Hostname}}", "db1")).Succeeded().Text;
        var gateway = (await Engine.DockerAsync("inspect", "--format", "{{(index .NetworkSettings.Networks \"bridge\").Gateway}}", "db1")).Succeeded().Text;
        Assert.Equal(
            $"DB_ENV_MODE=test\nDB_NAME=/web1/db\nDB_PORT=tcp://{address}:5432\nDB_PORT_5432_TCP=tcp://{address}:5432\nDB_PORT_5432_TCP_ADDR={address}\nDB_PORT_5432_TCP_PORT=5432\nDB_PORT_5432_TCP_PROTO=tcp\n{address}\tdb {hostname} db1\n{gateway}",
            run.Text);
        Assert.Equal("[/db1:/web1/db]", (await Engine.DockerAsync("inspect", "--format", "{{.HostConfig.Links}}", "web1")).Succeeded().Text);

        (await Engine.DockerAsync("stop", "-t", "0", "db1")).Succeeded();
        Assert.Contains("Cannot link to a non running container: /db1 AS /web1/db", (await Engine.DockerAsync("start", "web1")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("could not get container for absent", (await Engine.DockerAsync("create", "--link", "absent", "busybox")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("can't be used with links", (await Engine.DockerAsync("create", "--network", "host", "--link", "db1", "busybox")).Exited(1).Error, StringComparison.Ordinal);
        (await Engine.DockerAsync("rm", "db1", "web1")).Succeeded();
    }

    /// <summary>A link is a further name of the other container, and can be taken away alone.</summary>
    [Fact]
    public async Task ALinkIsANameThatCanBeRemoved()
    {
        (await Engine.DockerAsync("run", "-d", "--name", "db2", "busybox", "sleep", "600")).Succeeded();
        (await Engine.DockerAsync("run", "-d", "--name", "web2", "--link", "db2:mysql", "busybox", "sleep", "600")).Succeeded();
        async Task<string> NamesAsync(string filter) => (await Engine.DockerAsync("ps", "--no-trunc", "--format", "{{.Names}}", "--filter", filter)).Succeeded().Text;
        Assert.Equal("db2,web2/mysql", await NamesAsync("name=db2"));
        // What others call it is shown, but not looked for: as dockerd does.
        Assert.Equal("", await NamesAsync("name=mysql"));
        Assert.Equal("web2", (await Engine.GantryAsync("ps", "--format", "{{.Names}}", "--filter", "name=web2")).Succeeded().Text);
        Assert.Equal("/db2", (await Engine.DockerAsync("inspect", "--format", "{{.Name}}", "web2/mysql")).Succeeded().Text);
        Assert.Equal("there", (await Engine.DockerAsync("exec", "web2/mysql", "echo", "there")).Succeeded().Text);

        Assert.Contains("cannot remove the default link name", (await Engine.DockerAsync("rm", "--link", "db2")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Contains("No such container: web2/other", (await Engine.DockerAsync("rm", "--link", "web2/other")).Exited(1).Error, StringComparison.Ordinal);
        (await Engine.DockerAsync("exec", "web2", "grep", "-w", "mysql", "/etc/hosts")).Succeeded();
        (await Engine.DockerAsync("rm", "--link", "web2/mysql")).Succeeded();
        (await Engine.DockerAsync("exec", "web2", "grep", "-w", "mysql", "/etc/hosts")).Exited(1);
        Assert.Equal("web2\ndb2", await NamesAsync("name=2"));
        (await Engine.DockerAsync("rm", "-f", "db2", "web2")).Succeeded();
    }
}

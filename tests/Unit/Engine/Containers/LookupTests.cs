using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Store;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Containers;

public sealed class LookupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gantry-engine-unit-").FullName;
    private readonly Database _database;
    private readonly ContainerRows _rows;
    private readonly ContainerTable _table = new();

    public LookupTests()
    {
        _database = Database.Open(Path.Combine(_directory, "db"), ContainerRows.Migrations);
        _rows = new ContainerRows(_database);
    }

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void FindsByIdNameAndBeginning()
    {
        var web = Add("web", new string('a', 64));
        var other = Add("db", "ab" + new string('0', 62));
        Assert.Same(web, _table.Get(web.Id.ToString()));
        Assert.Same(web, _table.Get("web"));
        Assert.Same(web, _table.Get("/web"));
        Assert.Same(web, _table.Get("aa"));
        Assert.Same(other, _table.Get("ab"));
        Assert.Null(_table.Find(""));
        Assert.Null(_table.Find("zz"));
        Assert.Equal("No such container: zz", Assert.Throws<GantryException>(() => _table.Get("zz")).Message);
        Assert.Equal("multiple IDs found with provided prefix: a", Assert.Throws<GantryException>(() => _table.Get("a")).Message);
    }

    [Fact]
    public void ANameGoesBeforeTheBeginningOfAnId()
    {
        Add("web", new string('a', 64));
        var named = Add("aaa", new string('b', 64));
        Assert.Same(named, _table.Get("aaa"));
    }

    [Fact]
    public void TheRecordComesBackAsItWas()
    {
        var container = Add("web", new string('a', 64));
        container.UpdateRun(run => run with { Status = ContainerStatus.Running, Pid = 12, StartedAt = DateTimeOffset.UnixEpoch });
        var back = Assert.Single(_rows.All());
        Assert.Equal("web", back.Name);
        Assert.Equal(container.Id, back.Id);
        Assert.Equal(container.Record.ImageId, back.ImageId);
        Assert.Equal(12, back.Run.Pid);
        Assert.Equal(DateTimeOffset.UnixEpoch, back.Run.StartedAt);
        Assert.Equal(["sleep", "1"], back.Config.Cmd);
        Assert.Equal("bar", back.Config.Labels!["foo"]);
        Assert.Equal("8080", Assert.Single(back.HostConfig.PortBindings!["80/tcp"]!).HostPort);
        Assert.NotNull(back.Config.ExposedPorts!["80/tcp"]);
    }

    [Fact]
    public void ARemovedContainerIsNotWrittenAgain()
    {
        var container = Add("web", new string('a', 64));
        container.DeleteRow();
        Assert.False(container.Update(record => record with { Name = "other" }));
        Assert.Empty(_rows.All());
    }

    [Fact]
    public void AFactIsMadeOnce()
    {
        Assert.Equal("first", _rows.Fact("id", () => "first"));
        Assert.Equal("first", _rows.Fact("id", () => "second"));
    }

    private Container Add(string name, string id)
    {
        var record = new ContainerRecord
        {
            Id = ContainerId.Parse(id),
            Name = name,
            Created = DateTimeOffset.UnixEpoch,
            ImageId = Digest.Parse("sha256:" + new string('1', 64)),
            Config = new ContainerConfig
            {
                Cmd = ["sleep", "1"],
                Labels = new Dictionary<string, string> { ["foo"] = "bar" },
                ExposedPorts = new Dictionary<string, EmptyObject> { ["80/tcp"] = new() },
            },
            HostConfig = new HostConfig { PortBindings = new Dictionary<string, IReadOnlyList<PortBinding>?> { ["80/tcp"] = [new PortBinding { HostPort = "8080" }] } },
        };
        _table.Reserve(name, record.Id);
        _rows.Insert(record);
        var container = new Container(record, _rows);
        _table.Add(container);
        return container;
    }
}

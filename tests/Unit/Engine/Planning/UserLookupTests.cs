using Gantry.Engine.Planning;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Planning;

public sealed class UserLookupTests
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/sh\n# comment\nbroken\napp:x:1000:1001:App:/home/app:/bin/sh\n2000:x:2001:2001::/num:/bin/sh\nbad:x:4294967295:0::/:\n";
    private const string Group = "root:x:0:\napp:x:1001:\naudio:x:29:app,other\nvideo:x:44:app\n";

    [Theory]
    [InlineData("", 0, 0, "0", "/root")]
    [InlineData("app", 1000, 1001, "1001,29,44", "/home/app")]
    [InlineData("1000", 1000, 1001, "1001,29,44", "/home/app")]
    [InlineData("app:video", 1000, 44, "44", "/home/app")]
    [InlineData("app:7", 1000, 7, "7", "/home/app")]
    [InlineData("4242", 4242, 0, "0", "/")]
    [InlineData("4242:4243", 4242, 4243, "4243", "/")]
    [InlineData("2000", 2001, 2001, "2001", "/num")]
    [InlineData(":app", 0, 1001, "1001", "/root")]
    public void Finds(string user, uint uid, uint gid, string groups, string home)
    {
        var found = UserLookup.Find(user, null, Passwd, Group);
        Assert.Equal((uid, gid, home), (found.Uid, found.Gid, found.Home));
        Assert.Equal(groups, string.Join(',', found.AdditionalGids));
    }

    [Theory]
    [InlineData("nobody", "unable to find user nobody: no matching entries in passwd file")]
    [InlineData("bad", "unable to find user bad: no matching entries in passwd file")]
    [InlineData("4294967295", "uids and gids must be in range 0-2147483647")]
    [InlineData("-1", "uids and gids must be in range 0-2147483647")]
    [InlineData("app:2147483648", "uids and gids must be in range 0-2147483647")]
    [InlineData("app:nogroup", "unable to find group nogroup: no matching entries in group file")]
    public void RefusesInDockersWords(string user, string message) =>
        Assert.Equal(message, Assert.Throws<GantryException>(() => UserLookup.Find(user, null, Passwd, Group)).Message);

    [Fact]
    public void GroupAdd_TakesNamesAndNumbers() =>
        Assert.Equal([1001u, 29u, 44u, 99u], UserLookup.Find("app", ["99", "video"], Passwd, Group).AdditionalGids);

    [Fact]
    public void WithoutFiles_RootAndNumbersWork()
    {
        Assert.Equal("/root", UserLookup.Find(null, null, "", "").Home);
        Assert.Equal(5u, UserLookup.Find("5:6", null, "", "").Uid);
    }
}

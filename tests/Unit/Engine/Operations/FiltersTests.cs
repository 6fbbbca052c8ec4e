using Gantry.Engine.Operations;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Operations;

public sealed class FiltersTests
{
    [Fact]
    public void ReadsBothShapes()
    {
        Assert.Equal(["a", "b"], Filters.Parse("""{"name":["a","b"]}""")["name"]);
        Assert.Equal(["a"], Filters.Parse("""{"name":{"a":true,"b":false}}""")["name"]);
        Assert.False(Filters.Parse(null).Has("name"));
        Assert.False(Filters.Parse("").Has("name"));
        Assert.False(Filters.Parse("{}").Has("name"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"name":"a"}""")]
    [InlineData("""{"name":[1]}""")]
    [InlineData("""{"name":{"a":1}}""")]
    public void RefusesTheRest(string json) => Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => Filters.Parse(json)).Kind);

    [Fact]
    public void RefusesUnknownKeysInDockersWords()
    {
        var error = Assert.Throws<GantryException>(() => Filters.Of(("nam", "x")).Validate("name"));
        Assert.Equal("invalid filter 'nam'", error.Message);
    }

    [Fact]
    public void ReadsBooleans()
    {
        Assert.Null(Filters.None.Boolean("dangling"));
        Assert.True(Filters.Of(("dangling", "1")).Boolean("dangling"));
        Assert.False(Filters.Of(("dangling", "False")).Boolean("dangling"));
        Assert.Throws<GantryException>(() => Filters.Of(("dangling", "perhaps")).Boolean("dangling"));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("a=1", true)]
    [InlineData("a=2", false)]
    [InlineData("b", false)]
    public void MatchesLabels(string filter, bool matches) => Assert.Equal(matches, Filters.LabelMatches(new Dictionary<string, string> { ["a"] = "1" }, filter));
}

using Gantry.Engine.Containers;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Containers;

public sealed class NamesTests
{
    [Theory]
    [InlineData("web", true)]
    [InlineData("a1", true)]
    [InlineData("0_.-", true)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData("_web", false)]
    [InlineData("web/1", false)]
    [InlineData("wéb", false)]
    [InlineData("web ", false)]
    public void KnowsWhatMayBeAName(string name, bool valid) => Assert.Equal(valid, ContainerNames.IsValid(name));

    [Fact]
    public void TakesOneSlashOff() => Assert.Equal("web", ContainerNames.Normalize("/web"));

    [Fact]
    public void RefusesInDockersWords()
    {
        var error = Assert.Throws<GantryException>(() => ContainerNames.Normalize("we b"));
        Assert.Equal("Invalid container name (we b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", error.Message);
        Assert.Equal(ErrorKind.Invalid, error.Kind);
    }

    [Fact]
    public void MakesUpValidNames()
    {
        var random = new Random(1);
        for (var attempt = 0; attempt < 200; attempt++)
            Assert.True(ContainerNames.IsValid(ContainerNames.MakeUp(attempt % 10, random)));
    }

    [Fact]
    public void AskingTwiceForANameNamesTheHolder()
    {
        var table = new ContainerTable();
        var (first, second) = (ContainerId.New(), ContainerId.New());
        table.Reserve("web", first);
        var error = Assert.Throws<GantryException>(() => table.Reserve("web", second));
        Assert.Equal(
            $"Conflict. The container name \"/web\" is already in use by container \"{first}\". You have to remove (or rename) that container to be able to reuse that name.",
            error.Message);
        table.Release("web", second); // not the holder: nothing happens
        Assert.Throws<GantryException>(() => table.Reserve("web", second));
        table.Release("web", first);
        table.Reserve("web", second);
    }

    [Fact]
    public void IdsAreNeverAllDigitsInFront()
    {
        for (var i = 0; i < 1000; i++)
        {
            var id = ContainerId.New();
            Assert.Equal(64, id.ToString().Length);
            Assert.Contains(id.Short, c => !char.IsAsciiDigit(c));
            Assert.Equal(id, ContainerId.Parse(id.ToString()));
        }
    }
}

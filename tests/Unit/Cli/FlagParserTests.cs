using Gantry.Cli.Flags;
using Xunit;

namespace Gantry.Tests.Unit.Cli;

public sealed class FlagParserTests
{
    private static readonly Flag[] Flags =
    [
        new("all", FlagKind.Bool, "", 'a'),
        new("interactive", FlagKind.Bool, "", 'i'),
        new("tty", FlagKind.Bool, "", 't'),
        new("publish", FlagKind.List, "", 'p'),
        new("name", FlagKind.Text, ""),
        new("number", FlagKind.Int, "", 'n', "-1"),
        new("net", FlagKind.List, "") { AliasOf = "network" },
        new("network", FlagKind.List, ""),
    ];

    [Theory]
    [InlineData("-it x", "interactive=true tty=true", "x")]
    [InlineData("-itp80:80 x", "interactive=true tty=true publish=80:80", "x")]
    [InlineData("-p=80 -p 81 --publish 82 --publish=83", "publish=80,81,82,83", "")]
    [InlineData("--all=false x", "all=false", "x")]
    [InlineData("--name= x", "name=", "x")]
    [InlineData("x -a y --name z", "all=true name=z", "x y")]
    [InlineData("-- -a", "", "-a")]
    [InlineData("- -a", "all=true", "-")]
    [InlineData("--net a --network b", "network=a,b", "")]
    [InlineData("-n 0x10", "number=16", "")]
    [InlineData("-n -5", "number=-5", "")]
    public void Parses(string line, string flags, string rest)
    {
        var (values, arguments, help) = FlagParser.Parse(Flags, Cli.Split(line), stopAtFirst: false);
        Assert.False(help);
        Assert.Equal(rest, string.Join(' ', arguments));
        foreach (var pair in flags.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (pair[..pair.IndexOf('=', StringComparison.Ordinal)], pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            Assert.True(values.Changed(name), name);
            Assert.Equal(value, string.Join(',', values.List(name)));
        }
    }

    [Fact]
    public void StopsAtTheFirstArgument()
    {
        var (values, arguments, _) = FlagParser.Parse(Flags, ["-a", "image", "-t", "--name", "x"], stopAtFirst: true);
        Assert.True(values.Bool("all"));
        Assert.False(values.Changed("tty"));
        Assert.Equal(["image", "-t", "--name", "x"], arguments);
    }

    [Theory]
    [InlineData("--nme x", "unknown flag: --nme", "--name")]
    [InlineData("-aX", "unknown shorthand flag: 'X' in -X", null)]
    [InlineData("--name", "flag needs an argument: --name", null)]
    [InlineData("-ap", "flag needs an argument: 'p' in -p", null)]
    [InlineData("---a", "bad flag syntax: ---a", null)]
    [InlineData("--all=x", "invalid argument \"x\" for \"-a, --all\" flag: strconv.ParseBool: parsing \"x\": invalid syntax", null)]
    public void Refuses(string line, string message, string? suggestion)
    {
        var e = Assert.Throws<FlagException>(() => FlagParser.Parse(Flags, Cli.Split(line), stopAtFirst: false));
        Assert.Equal(message, e.Message);
        Assert.Equal(suggestion, e.Suggestion);
    }

    [Theory]
    [InlineData("rnu", "run")]
    [InlineData("pss", "ps")]
    [InlineData("inpsect", "inspect")]
    [InlineData("qqqq", null)]
    public void SuggestsACommand(string typed, string? meant) => Assert.Equal(meant, Gantry.Cli.Commands.CommandTree.Suggest(typed, null));
}

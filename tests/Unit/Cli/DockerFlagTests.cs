using Gantry.Cli.Commands;
using Gantry.Cli.Flags;
using Xunit;

namespace Gantry.Tests.Unit.Cli;

/// <summary>Every flag of docker's client, on every command that gantry has: its name, shorthand and type.</summary>
public sealed class DockerFlagTests
{
    private sealed record Row(string Command, string Name, char Short, string Type);

    private static readonly IReadOnlyList<Row> s_rows =
    [
        .. from line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Cli/docker-flags.txt"))
           where !line.StartsWith('#')
           let parts = line.Split('\t')
           where parts.Length == 4
           select new Row(parts[0], parts[1], parts[2] == "-" ? '\0' : parts[2][0], parts[3]),
    ];

    [Fact]
    public void CommandsHaveDockersFlags()
    {
        var missing = new List<string>();
        foreach (var command in s_rows.GroupBy(row => row.Command))
        {
            if (Find(command.Key) is not { } spec)
                continue; // not built yet: README says so
            var flags = spec.Flags().ToDictionary(flag => flag.Name);
            missing.AddRange(from row in command
                             let flag = flags.GetValueOrDefault(row.Name)
                             where flag is null || flag.Short != row.Short || TypeOf(flag) != row.Type
                             select $"{command.Key} --{row.Name} -{row.Short} {row.Type}: {(flag is null ? "missing" : $"-{flag.Short} {TypeOf(flag)}")}");
        }
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public void ACommandIsTheSameInItsGroup()
    {
        foreach (var name in CommandTree.NamesOf("container"))
        {
            if (CommandTree.Find(name) is { } alone && name is not "inspect")
                Assert.Same(alone, CommandTree.Find("container", name));
        }
    }

    [Theory]
    [InlineData("container ls", "ps")]
    [InlineData("container stats", "stats")]
    [InlineData("container update", "update")]
    public void TheTableIsRead(string command, string alias)
    {
        Assert.Contains(s_rows, row => row.Command == command);
        Assert.Same(Find(alias), Find(command));
    }

    private static CommandSpec? Find(string command) => command.Split(' ') switch
    {
        [var name] when CommandTree.IsGroup(name) => null,
        [var name] => CommandTree.Find(name),
        [var group, var name] => CommandTree.Find(group, name),
        _ => null,
    };

    private static string TypeOf(Flag flag) => flag.Kind switch
    {
        FlagKind.Bool => "bool",
        FlagKind.Strings => "strings",
        _ => flag.TypeName,
    };
}

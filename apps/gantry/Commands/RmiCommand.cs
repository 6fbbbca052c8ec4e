using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry rmi</c>.</summary>
internal static class RmiCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "rmi",
        Usage = "[OPTIONS] IMAGE [IMAGE...]",
        Summary = "Remove one or more images",
        Aliases = ["image rm", "image remove", "rmi"],
        Arity = Arity.AtLeast(1),
        Names = Names.Images,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        return invocation.ForEach(
            name =>
            {
                using var removed = invocation.Client.Images.Remove(name, flags.Bool("force"), flags.Bool("no-prune"));
                foreach (var item in removed.RootElement.EnumerateArray())
                {
                    if (item.TryGetProperty("Deleted", out var deleted) && deleted.GetString() is { Length: > 0 } id)
                        invocation.Out.WriteLine("Deleted: " + id);
                    else if (item.TryGetProperty("Untagged", out var untagged))
                        invocation.Out.WriteLine("Untagged: " + untagged.GetString());
                }
            },
            echo: false);
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("force", FlagKind.Bool, "Force removal of the image", 'f'),
        new("no-prune", FlagKind.Bool, "Do not delete untagged parents"),
        new("platform", FlagKind.Strings, "Remove only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"),
    ];
}

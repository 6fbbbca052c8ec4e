using System.Text;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry system prune</c>.</summary>
/// <remarks>Source: docker/cli cli/command/system/prune.go.</remarks>
internal static class SystemPruneCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "prune",
        Usage = "[OPTIONS]",
        Summary = "Remove unused data",
        Aliases = ["system prune"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var filters = PruneCommand.FiltersOf(invocation);
        if (flags.Bool("volumes") && filters.Any(static f => f.StartsWith("until=", StringComparison.Ordinal)))
            throw new FlagException("ERROR: The \"until\" filter is not supported with \"--volumes\"");
        if (!flags.Bool("force") && !Confirmation.Ask(invocation.Out, Warning(flags.Bool("all"), flags.Bool("volumes"), filters)))
            return ExitCodes.Success;
        var (containers, freed) = PruneCommand.PruneContainers(invocation, filters);
        Say(invocation, containers);
        Say(invocation, PruneCommand.PruneNetworks(invocation, filters));
        if (flags.Bool("volumes"))
        {
            var (volumes, bytes) = PruneCommand.PruneVolumes(invocation, all: false, filters);
            Say(invocation, volumes);
            freed += bytes;
        }

        var (images, imageBytes) = PruneCommand.PruneImages(invocation, flags.Bool("all"), filters);
        Say(invocation, images);
        invocation.Out.WriteLine($"Total reclaimed space: {Units.Size(freed + imageBytes)}");
        return ExitCodes.Success;
    }

    private static void Say(Invocation invocation, string report)
    {
        if (report.Length > 0)
            invocation.Out.WriteLine(report);
        invocation.Out.Flush();
    }

    private static string Warning(bool all, bool volumes, IReadOnlyList<string> filters)
    {
        var text = new StringBuilder("WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n");
        if (volumes)
            text.Append("  - all anonymous volumes not used by at least one container\n");
        text.Append(all ? "  - all images without at least one container associated to them\n" : "  - all dangling images\n");
        if (filters.Count > 0)
        {
            text.Append("\n  Items to be pruned will be filtered with:\n");
            foreach (var filter in filters.Order(StringComparer.Ordinal))
                text.Append("  - ").Append(filter).Append('\n');
        }

        return text.ToString();
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("all", FlagKind.Bool, "Remove all unused images not just dangling ones", 'a'),
        new("filter", FlagKind.Filter, "Provide filter values (e.g. \"label=<key>=<value>\")"),
        new("force", FlagKind.Bool, "Do not prompt for confirmation", 'f'),
        new("volumes", FlagKind.Bool, "Prune anonymous volumes"),
    ];
}

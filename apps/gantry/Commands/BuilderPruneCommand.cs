using System.Text.Json;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry builder prune</c>.</summary>
/// <remarks>Source: docker/cli cli/command/builder/prune.go.</remarks>
internal static class BuilderPruneCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "prune",
        Usage = "[OPTIONS]",
        Summary = "Remove build cache",
        Aliases = ["builder prune"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var all = flags.Bool("all");
        var warning = all ? "WARNING! This will remove all build cache." : "WARNING! This will remove all dangling build cache.";
        if (!flags.Bool("force") && !Confirmation.Ask(invocation.Out, warning))
            return ExitCodes.Success;
        using var answer = invocation.Client.Builds.Prune(all, Math.Max(flags.Number("keep-storage"), flags.Number("reserved-space")), flags.Number("max-used-space"), flags.Number("min-free-space"), Filters.Wire(PruneCommand.FiltersOf(invocation)));
        var root = answer.RootElement;
        if (root.TryGetProperty("CachesDeleted", out var deleted) && deleted.ValueKind == JsonValueKind.Array && deleted.GetArrayLength() > 0)
        {
            invocation.Out.WriteLine("Deleted build cache objects:");
            foreach (var id in deleted.EnumerateArray())
                invocation.Out.WriteLine(id.GetString() ?? "");
            invocation.Out.WriteLine();
        }

        invocation.Out.WriteLine($"Total:\t {Units.Size(root.TryGetProperty("SpaceReclaimed", out var freed) && freed.ValueKind == JsonValueKind.Number ? freed.GetInt64() : 0)}");
        return ExitCodes.Success;
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("all", FlagKind.Bool, "Remove all unused build cache, not just dangling ones", 'a'),
        new("filter", FlagKind.Filter, "Provide filter values (e.g. \"until=24h\")"),
        new("force", FlagKind.Bool, "Do not prompt for confirmation", 'f'),
        new("keep-storage", FlagKind.Bytes, "Amount of disk space to keep for cache (--reserved-space)") { Hidden = true },
        new("max-used-space", FlagKind.Bytes, "Maximum amount of disk space allowed to keep for cache"),
        new("min-free-space", FlagKind.Bytes, "Target amount of free disk space after pruning"),
        new("reserved-space", FlagKind.Bytes, "Amount of disk space always allowed to keep for cache"),
    ];
}

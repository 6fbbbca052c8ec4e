using System.Text.Json;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry container prune</c>, <c>image prune</c>, <c>volume prune</c> and <c>network prune</c>.</summary>
/// <remarks>Source: docker/cli cli/command/{container,image,volume,network}/prune.go.</remarks>
internal static class PruneCommand
{
    public static readonly CommandSpec Containers = Spec("container", "Remove all stopped containers", "until=<timestamp>", null, RunContainers);

    public static readonly CommandSpec Images = Spec("image", "Remove unused images", "until=<timestamp>", "Remove all unused images, not just dangling ones", RunImages);

    public static readonly CommandSpec Volumes = Spec("volume", "Remove unused local volumes", "label=<label>", "Remove all unused volumes, not just anonymous ones", RunVolumes);

    public static readonly CommandSpec Networks = Spec("network", "Remove all unused networks", "until=<timestamp>", null, RunNetworks);

    /// <summary>Prunes containers; returns what to print, and the bytes freed.</summary>
    public static (string Report, long Freed) PruneContainers(Invocation invocation, IReadOnlyList<string> filters)
    {
        using var answer = invocation.Client.System.Prune("containers", Filters.Wire(filters));
        return (Listed("Deleted Containers:", Texts(answer, "ContainersDeleted")), Freed(answer));
    }

    /// <summary>Prunes images.</summary>
    /// <param name="all">Those with a name, too.</param>
    public static (string Report, long Freed) PruneImages(Invocation invocation, bool all, IReadOnlyList<string> filters)
    {
        using var answer = invocation.Client.System.Prune("images", Filters.Wire([.. filters, $"dangling={(all ? "false" : "true")}"]));
        var lines = Items(answer, "ImagesDeleted").Select(static item => item.TryGetProperty("Untagged", out var name) && name.GetString() is { Length: > 0 } untagged ? $"untagged: {untagged}" : $"deleted: {item.GetProperty("Deleted").GetString()}");
        return (Listed("Deleted Images:", lines), Freed(answer));
    }

    /// <summary>Prunes volumes.</summary>
    /// <param name="all">Those with a name, too.</param>
    public static (string Report, long Freed) PruneVolumes(Invocation invocation, bool all, IReadOnlyList<string> filters)
    {
        using var answer = invocation.Client.System.Prune("volumes", Filters.Wire(all ? [.. filters, "all=true"] : filters));
        return (Listed("Deleted Volumes:", Texts(answer, "VolumesDeleted")), Freed(answer));
    }

    /// <summary>Prunes networks.</summary>
    public static string PruneNetworks(Invocation invocation, IReadOnlyList<string> filters)
    {
        using var answer = invocation.Client.System.Prune("networks", Filters.Wire(filters));
        return Listed("Deleted Networks:", Texts(answer, "NetworksDeleted"));
    }

    /// <summary>The filters of the command line with those of the configuration file's <c>pruneFilters</c>.</summary>
    /// <remarks>Source: docker/cli cli/command/utils.go, PruneFilters: a label that the command line asks for is not excluded by the file, nor the other way round.</remarks>
    public static IReadOnlyList<string> FiltersOf(Invocation invocation)
    {
        var asked = invocation.Flags.List("filter");
        var usual = invocation.Context.Config.Texts("pruneFilters").Where(filter => filter.Contains('=', StringComparison.Ordinal) && !asked.Contains(Opposite(filter)));
        return [.. asked, .. usual];
    }

    private static string Opposite(string filter) => filter.StartsWith("label!=", StringComparison.Ordinal)
        ? "label=" + filter["label!=".Length..]
        : filter.StartsWith("label=", StringComparison.Ordinal) ? "label!=" + filter["label=".Length..] : filter;

    private static CommandSpec Spec(string group, string summary, string example, string? allHelp, Func<Invocation, int> run) => new()
    {
        Name = "prune",
        Usage = "[OPTIONS]",
        Summary = summary,
        Aliases = [$"{group} prune"],
        Arity = Arity.None,
        Flags = () =>
        [
            .. allHelp is null ? Array.Empty<Flag>() : [new("all", FlagKind.Bool, allHelp, 'a')],
            new("filter", FlagKind.Filter, $"Provide filter values (e.g. \"{example}\")"),
            new("force", FlagKind.Bool, "Do not prompt for confirmation", 'f'),
        ],
        Run = run,
    };

    private static int RunContainers(Invocation invocation) =>
        Run(invocation, "WARNING! This will remove all stopped containers.", () => PruneContainers(invocation, FiltersOf(invocation)));

    private static int RunImages(Invocation invocation)
    {
        var all = invocation.Flags.Bool("all");
        return Run(
            invocation,
            all ? "WARNING! This will remove all images without at least one container associated to them." : "WARNING! This will remove all dangling images.",
            () => PruneImages(invocation, all, FiltersOf(invocation)));
    }

    private static int RunVolumes(Invocation invocation)
    {
        var all = invocation.Flags.Bool("all");
        if (all && FiltersOf(invocation).Any(static f => f.StartsWith("all=", StringComparison.Ordinal)))
            throw new FlagException("conflicting options: cannot specify both --all and --filter all=1");
        return Run(
            invocation,
            $"WARNING! This will remove {(all ? "all" : "anonymous")} local volumes not used by at least one container.",
            () => PruneVolumes(invocation, all, FiltersOf(invocation)));
    }

    private static int RunNetworks(Invocation invocation)
    {
        if (!invocation.Flags.Bool("force") && !Confirmation.Ask(invocation.Out, "WARNING! This will remove all custom networks not used by at least one container."))
            return ExitCodes.Success;
        if (PruneNetworks(invocation, FiltersOf(invocation)) is { Length: > 0 } report)
            invocation.Out.WriteLine(report);
        return ExitCodes.Success;
    }

    private static int Run(Invocation invocation, string warning, Func<(string Report, long Freed)> prune)
    {
        if (!invocation.Flags.Bool("force") && !Confirmation.Ask(invocation.Out, warning))
            return ExitCodes.Success;
        var (report, freed) = prune();
        if (report.Length > 0)
            invocation.Out.WriteLine(report);
        invocation.Out.WriteLine($"Total reclaimed space: {Units.Size(freed)}");
        return ExitCodes.Success;
    }

    private static string Listed(string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        return all.Count == 0 ? "" : $"{title}\n{string.Join('\n', all)}\n";
    }

    private static IEnumerable<JsonElement> Items(JsonDocument answer, string name) =>
        answer.RootElement.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static IEnumerable<string> Texts(JsonDocument answer, string name) => Items(answer, name).Select(static item => item.GetString() ?? "");

    private static long Freed(JsonDocument answer) => answer.RootElement.TryGetProperty("SpaceReclaimed", out var bytes) ? bytes.GetInt64() : 0;
}

using System.Text.Json;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry builder du</c>: what the build cache takes.</summary>
/// <remarks>Source: buildx reference of "buildx du", by its output.</remarks>
internal static class BuilderDiskUsageCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "du",
        Usage = "[OPTIONS]",
        Summary = "Show what the build cache takes on disk",
        Aliases = ["builder du"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        using var usage = invocation.Client.System.DiskUsage();
        var wanted = invocation.Flags.List("filter").Select(static filter => filter.Split('=', 2)).ToList();
        if (wanted.Find(static filter => filter.Length != 2 || filter[0] is not ("id" or "type" or "inuse" or "shared" or "description")) is { } unknown)
            throw new FlagException($"invalid filter \"{string.Join('=', unknown)}\": use id=, type=, inuse=, shared= or description=");
        var items = DiskUsageCommand.Items(usage.RootElement, "BuildCache").Where(item => wanted.TrueForAll(filter => Matches(item, filter[0], filter[1]))).OrderByDescending(static item => DiskUsageCommand.Number(item, "Size")).ToList();
        var now = TimeProvider.System.GetUtcNow();
        if (invocation.Flags.Bool("verbose"))
            items.ForEach(item => Details(invocation.Out, item, now));
        else
            Table(invocation.Out, items, now);
        var (shared, all) = (Sum(items.Where(DiskUsageCommand.IsShared)), Sum(items));
        if (shared > 0)
            invocation.Out.Write($"Shared:\t\t{Units.Size(shared)}\nPrivate:\t{Units.Size(all - shared)}\n");
        invocation.Out.Write($"Reclaimable:\t{Units.Size(Sum(items.Where(static item => !Is(item, "InUse"))))}\nTotal:\t\t{Units.Size(all)}\n");
        return ExitCodes.Success;
    }

    private static void Table(TextOutput output, List<JsonElement> items, DateTimeOffset now)
    {
        var table = new ColumnWriter();
        table.Line("ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED");
        foreach (var item in items)
        {
            // As buildx marks what can be changed: what a step writes into again.
            var mutable = DiskUsageDetails.Text(item, "Type") == "exec.cachemount" ? "*" : "";
            table.Line($"{DiskUsageDetails.Text(item, "ID")}{mutable}\t{(Is(item, "InUse") ? "false" : "true")}\t{Units.Size(DiskUsageCommand.Number(item, "Size"))}{(DiskUsageCommand.IsShared(item) ? "*" : "")}\t{DiskUsageDetails.Ago(DiskUsageDetails.Text(item, "LastUsedAt"), now)}");
        }

        table.WriteTo(output);
    }

    private static void Details(TextOutput output, JsonElement item, DateTimeOffset now)
    {
        var parents = item.TryGetProperty("Parents", out var list) && list.ValueKind == JsonValueKind.Array ? string.Join(", ", list.EnumerateArray().Select(static parent => parent.GetString())) : "";
        output.Write($"ID:\t\t{DiskUsageDetails.Text(item, "ID")}\n");
        if (parents.Length > 0)
            output.Write($"Parents:\t{parents}\n");
        output.Write($"Created at:\t{DiskUsageDetails.Text(item, "CreatedAt")}\nReclaimable:\t{(Is(item, "InUse") ? "false" : "true")}\nShared:\t\t{(DiskUsageCommand.IsShared(item) ? "true" : "false")}\nSize:\t\t{Units.Size(DiskUsageCommand.Number(item, "Size"))}\n");
        output.Write($"Description:\t{DiskUsageDetails.Text(item, "Description")}\nUsage count:\t{DiskUsageCommand.Number(item, "UsageCount")}\nLast used:\t{DiskUsageDetails.Ago(DiskUsageDetails.Text(item, "LastUsedAt"), now)}\nType:\t\t{DiskUsageDetails.Text(item, "Type")}\n\n");
    }

    private static bool Matches(JsonElement item, string key, string value) => key switch
    {
        "id" => DiskUsageDetails.Text(item, "ID").StartsWith(value, StringComparison.Ordinal),
        "type" => DiskUsageDetails.Text(item, "Type") == value,
        "description" => DiskUsageDetails.Text(item, "Description").Contains(value, StringComparison.Ordinal),
        "inuse" => Is(item, "InUse") == (value is "true" or "1"),
        _ => DiskUsageCommand.IsShared(item) == (value is "true" or "1"),
    };

    private static long Sum(IEnumerable<JsonElement> items) => items.Sum(static item => DiskUsageCommand.Number(item, "Size"));

    private static bool Is(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("filter", FlagKind.List, "Provide filter values (e.g. \"type=exec.cachemount\")"),
        new("verbose", FlagKind.Bool, "Show all there is to know of each"),
    ];
}

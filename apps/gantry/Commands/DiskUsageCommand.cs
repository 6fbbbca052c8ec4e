using System.Globalization;
using System.Text.Json;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry system df</c>.</summary>
/// <remarks>Source: docker/cli cli/command/formatter/disk_usage.go, by its output.</remarks>
internal static class DiskUsageCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "df",
        Usage = "[OPTIONS]",
        Summary = "Show disk usage",
        Aliases = ["system df"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    private const string TypeName = "*formatter.diskUsageContext";

    private const string Table = "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";

    private static readonly Dictionary<string, string> Titles = new()
    {
        ["Type"] = "TYPE", ["TotalCount"] = "TOTAL", ["Active"] = "ACTIVE", ["Size"] = "SIZE", ["Reclaimable"] = "RECLAIMABLE",
    };

    private static int Run(Invocation invocation)
    {
        using var usage = invocation.Client.System.DiskUsage();
        var format = invocation.Flags.Text("format");
        if (invocation.Flags.Bool("verbose"))
            DiskUsageDetails.Print(invocation.Out, usage.RootElement, format);
        else
            new ListFormat(TypeName, Table, Titles).Print(invocation.Out, format, [Images(usage.RootElement), Containers(usage.RootElement), Volumes(usage.RootElement), BuildCache(usage.RootElement)]);
        return ExitCodes.Success;
    }

    private static RowFields Images(JsonElement usage)
    {
        var images = Items(usage, "Images").ToList();
        var total = Number(usage, "LayersSize");
        var used = images.Where(static i => Number(i, "Containers") != 0 && Number(i, "Size") >= 0 && Number(i, "SharedSize") >= 0).Sum(static i => Number(i, "Size") - Number(i, "SharedSize"));
        return Row("Images", images.Count, images.Count(static i => Number(i, "Containers") > 0), total, Part(total - used, total));
    }

    private static RowFields Containers(JsonElement usage)
    {
        var containers = Items(usage, "Containers").ToList();
        var idle = containers.Where(static c => !IsActive(c)).ToList();
        var total = containers.Sum(static c => Number(c, "SizeRw"));
        return Row("Containers", containers.Count, containers.Count - idle.Count, total, Part(idle.Sum(static c => Number(c, "SizeRw")), total));
    }

    private static RowFields Volumes(JsonElement usage)
    {
        var volumes = Items(usage, "Volumes").Where(static v => v.TryGetProperty("UsageData", out var data) && data.ValueKind == JsonValueKind.Object).Select(static v => v.GetProperty("UsageData")).ToList();
        var total = volumes.Sum(static v => Math.Max(0, Number(v, "Size")));
        var free = volumes.Where(static v => Number(v, "RefCount") == 0).Sum(static v => Math.Max(0, Number(v, "Size")));
        return Row("Local Volumes", volumes.Count, volumes.Count(static v => Number(v, "RefCount") > 0), total, Part(free, total));
    }

    private static RowFields BuildCache(JsonElement usage)
    {
        var cache = Items(usage, "BuildCache").ToList();
        var active = cache.Where(static c => c.TryGetProperty("InUse", out var used) && used.ValueKind == JsonValueKind.True).ToList();
        // Source: docker/cli disk_usage.go: what is shared belongs to images, and is counted there.
        var total = cache.Where(static c => !IsShared(c)).Sum(static c => Number(c, "Size"));
        return Row("Build Cache", cache.Count, active.Count, total, Units.Size(total - active.Where(static c => !IsShared(c)).Sum(static c => Number(c, "Size"))));
    }

    internal static bool IsShared(JsonElement cache) => cache.TryGetProperty("Shared", out var shared) && shared.ValueKind == JsonValueKind.True;

    private static RowFields Row(string type, int total, int active, long size, string reclaimable) => new(
        TypeName,
        [
            new("Type", () => type),
            new("TotalCount", () => total.ToString(CultureInfo.InvariantCulture)),
            new("Active", () => active.ToString(CultureInfo.InvariantCulture)),
            new("Size", () => Units.Size(size)),
            new("Reclaimable", () => reclaimable),
        ]);

    // As Docker words it: a share only of something.
    private static string Part(long part, long total) => total > 0 ? $"{Units.Size(part)} ({part * 100 / total}%)" : Units.Size(part);

    private static bool IsActive(JsonElement container) =>
        container.TryGetProperty("State", out var state) && state.GetString() is { } text && (text.Contains("running", StringComparison.Ordinal) || text.Contains("paused", StringComparison.Ordinal) || text.Contains("restarting", StringComparison.Ordinal));

    internal static IEnumerable<JsonElement> Items(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    internal static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("format", FlagKind.Text, "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
        new("verbose", FlagKind.Bool, "Show detailed information on space usage", 'v'),
    ];
}

using System.Globalization;
using System.Text.Json;
using Gantry.Cli.Output;

namespace Gantry.Cli.Stats;

/// <summary>What <c>stats</c> shows of a container, computed from a sample as Docker computes it. Pure.</summary>
/// <remarks>Source: Docker Engine API, GET /containers/{id}/stats: the formulas of used memory and CPU percentage.</remarks>
internal sealed record ContainerFigures
{
    /// <summary>As the user named it, or its id.</summary>
    public required string Asked { get; init; }

    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Of one processor, so that several can give more than 100.</summary>
    public double CpuPercent { get; init; }

    /// <summary>Without page cache that could be given back.</summary>
    public double MemoryBytes { get; init; }

    public double MemoryLimitBytes { get; init; }

    public double NetworkInBytes { get; init; }

    public double NetworkOutBytes { get; init; }

    public double ReadBytes { get; init; }

    public double WrittenBytes { get; init; }

    public long Processes { get; init; }

    /// <summary>Whether there is no sample: the container has gone, or has not answered yet.</summary>
    public bool Unknown { get; init; }

    public static ContainerFigures None(string asked) => new() { Asked = asked, Unknown = true };

    /// <summary>The figures of a sample.</summary>
    /// <param name="asked">As the user named the container, or its id.</param>
    /// <param name="sample">As the engine sent it.</param>
    public static ContainerFigures Of(string asked, JsonElement sample)
    {
        var memory = Member(sample, "memory_stats");
        return new()
        {
            Asked = asked,
            Id = Text(sample, "id"),
            Name = Text(sample, "name").TrimStart('/'),
            CpuPercent = Cpu(Member(sample, "cpu_stats"), Member(sample, "precpu_stats")),
            MemoryBytes = Used(memory),
            MemoryLimitBytes = Number(memory, "limit"),
            NetworkInBytes = Members(sample, "networks").Sum(static i => Number(i, "rx_bytes")),
            NetworkOutBytes = Members(sample, "networks").Sum(static i => Number(i, "tx_bytes")),
            ReadBytes = Transferred(sample, 'r'),
            WrittenBytes = Transferred(sample, 'w'),
            Processes = (long)Number(Member(sample, "pids_stats"), "current"),
        };
    }

    /// <summary>The figures under the names that <c>--format</c> knows.</summary>
    /// <param name="full">Whether ids are shown whole.</param>
    public RowFields Row(bool full) => new(
        "*container.statsContext",
        [
            new("Container", () => Asked),
            new("Name", () => Name.Length > 0 ? Name : "--"),
            new("ID", () => full ? Id : Ellipsis.ShortId(Id)),
            new("CPUPerc", () => Unknown ? "--" : Percent(CpuPercent)),
            new("MemUsage", () => Unknown ? "-- / --" : $"{Units.BinarySize(MemoryBytes)} / {Units.BinarySize(MemoryLimitBytes)}"),
            new("MemPerc", () => Unknown ? "--" : Percent(MemoryLimitBytes > 0 ? MemoryBytes / MemoryLimitBytes * 100 : 0)),
            new("NetIO", () => Unknown ? "--" : $"{Units.Size(NetworkInBytes, 3)} / {Units.Size(NetworkOutBytes, 3)}"),
            new("BlockIO", () => Unknown ? "--" : $"{Units.Size(ReadBytes, 3)} / {Units.Size(WrittenBytes, 3)}"),
            new("PIDs", () => Unknown ? "--" : Processes.ToString(CultureInfo.InvariantCulture)),
        ]);

    private static double Cpu(JsonElement now, JsonElement before)
    {
        var used = Number(Member(now, "cpu_usage"), "total_usage") - Number(Member(before, "cpu_usage"), "total_usage");
        var passed = Number(now, "system_cpu_usage") - Number(before, "system_cpu_usage");
        var processors = Number(now, "online_cpus") is var online && online > 0 ? online : Items(Member(now, "cpu_usage"), "percpu_usage").Count();
        return used > 0 && passed > 0 ? used / passed * processors * 100 : 0;
    }

    // Version 1 counts the children's inactive cache in total_inactive_file, version 2 in inactive_file.
    private static double Used(JsonElement memory)
    {
        var usage = Number(memory, "usage");
        var details = Member(memory, "stats");
        var cache = Member(details, "total_inactive_file").ValueKind == JsonValueKind.Number ? Number(details, "total_inactive_file") : Number(details, "inactive_file");
        return cache < usage ? usage - cache : usage;
    }

    private static double Transferred(JsonElement sample, char operation) =>
        Items(Member(sample, "blkio_stats"), "io_service_bytes_recursive").Where(entry => Text(entry, "op") is { Length: > 0 } op && char.ToLowerInvariant(op[0]) == operation).Sum(static entry => Number(entry, "value"));

    private static string Percent(double value) => value.ToString("F2", CultureInfo.InvariantCulture) + "%";

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static IEnumerable<JsonElement> Members(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject().Select(static m => m.Value) : [];

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    private static double Number(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : 0;
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>events</c>: what a container uses, once or at an interval until it ends.</summary>
internal static class EventsCommand
{
    public static readonly Command Command = new(
        "print what a container uses, as JSON lines",
        "[--interval SECONDSs] [--stats] ID",
        new(["--interval"], ["--stats", "--help"], []),
        Run);

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        var container = context.Get(options.Id);
        var intervalMs = Interval(options.Find("--interval") ?? "5s");
        using var init = container.OpenInit();
        var killed = false;
        while (true)
        {
            Output.Write(Line(options.Id, container.Cgroup.Paths));
            if (options.Has("--stats")) return 0;
            var ended = Processes.WaitForEnd(init, intervalMs);
            if (!killed && container.Cgroup.OomKilled())
            {
                killed = true;
                Output.WriteLine($"{{\"type\":\"oom\",\"id\":\"{options.Id}\"}}");
            }

            if (ended) return 0;
        }
    }

    private static int Interval(string text)
    {
        var (digits, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1) : text.EndsWith('s') ? (text[..^1], 1000) : text.EndsWith('m') ? (text[..^1], 60_000) : ("", 0);
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > 0 && value * unit < int.MaxValue
            ? (int)(value * unit)
            : throw GantryException.Of(ErrorKind.Invalid, $"--interval \"{text}\" is not a duration such as 5s");
    }

    private static ReadOnlySpan<byte> Line(string id, IReadOnlyDictionary<string, string> paths)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("type", "stats");
            json.WriteString("id", id);
            json.WriteStartObject("data");
            json.WriteStartObject("cpu");
            json.WriteStartObject("usage");
            Number(json, "total", Read(paths, "cpuacct", "cpuacct.usage") ?? ReadKey(paths, "cpu.stat", "usage_usec") * 1000);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("memory");
            json.WriteStartObject("usage");
            Number(json, "usage", Read(paths, "memory", "memory.usage_in_bytes") ?? Read(paths, "", "memory.current"));
            Number(json, "limit", Read(paths, "memory", "memory.limit_in_bytes") ?? Read(paths, "", "memory.max"));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("pids");
            Number(json, "current", Read(paths, "pids", "pids.current") ?? Read(paths, "", "pids.current"));
            Number(json, "limit", Read(paths, "pids", "pids.max") ?? Read(paths, "", "pids.max"));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
        return output.WrittenSpan;
    }

    private static void Number(Utf8JsonWriter json, string name, ulong? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    private static ulong? Read(IReadOnlyDictionary<string, string> paths, string controller, string file)
    {
        if (!paths.TryGetValue(controller, out var directory) || Files.TryOpenAt(null, $"{directory}/{file}", OpenFlags.O_RDONLY, 0, out var fd) < 0) return null;
        using (fd) return ulong.TryParse(System.Text.Encoding.ASCII.GetString(Files.ReadToEnd(fd!)).Trim(), CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static ulong? ReadKey(IReadOnlyDictionary<string, string> paths, string file, string key)
    {
        if (!paths.TryGetValue("", out var directory) || Files.TryOpenAt(null, $"{directory}/{file}", OpenFlags.O_RDONLY, 0, out var fd) < 0) return null;
        using (fd)
        {
            foreach (var line in System.Text.Encoding.ASCII.GetString(Files.ReadToEnd(fd!)).Split('\n'))
            {
                if (line.StartsWith(key + " ", StringComparison.Ordinal) && ulong.TryParse(line.AsSpan(key.Length + 1), CultureInfo.InvariantCulture, out var value)) return value;
            }
        }

        return null;
    }
}

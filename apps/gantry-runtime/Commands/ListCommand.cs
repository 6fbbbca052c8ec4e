using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Runtime.State;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>list</c>: the containers of this root.</summary>
internal static class ListCommand
{
    public static readonly Command Command = new(
        "list the containers",
        "[--format table|json] [--quiet]",
        new(["--format"], ["--quiet", "--help"], new() { ["-f"] = "--format", ["-q"] = "--quiet" }),
        Run);

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        // One that is deleted meanwhile is left out.
        var containers = StateDirectory.List(context.Root).Select(id => Find(context, id)).OfType<Container>().ToList();
        if (options.Has("--quiet"))
        {
            foreach (var container in containers) Output.WriteLine(container.Record.Id);
            return 0;
        }

        switch (options.Find("--format") ?? "table")
        {
            case "json":
                var output = new ArrayBufferWriter<byte>();
                using (var json = new Utf8JsonWriter(output))
                {
                    json.WriteStartArray();
                    foreach (var container in containers) LifeCommands.WriteState(json, container, Owner(context, container));
                    json.WriteEndArray();
                }

                output.Write("\n"u8);
                Output.Write(output.WrittenSpan);
                return 0;
            case "table":
                var rows = new List<string[]> { new[] { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" } };
                rows.AddRange(containers.Select(container => Row(container, Owner(context, container))));
                Output.WriteLine(Table.Format(rows));
                return 0;
            case var other:
                throw GantryException.Of(ErrorKind.Invalid, $"invalid format \"{other}\": use table or json");
        }
    }

    private static string[] Row(Container container, string owner)
    {
        var status = container.Status;
        var record = container.Record;
        return [record.Id, (status == "stopped" ? 0 : record.Pid).ToString(CultureInfo.InvariantCulture), status, record.Bundle, record.Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), owner];
    }

    // By name, as runc has it; a user whom /etc/passwd does not know by number.
    private static string Owner(RuntimeContext context, Container container)
    {
        if (Files.TryStatus(null, $"{context.Root}/{container.Record.Id}", 0, out var status) < 0) return "";
        var id = status.Uid.ToString(CultureInfo.InvariantCulture);
        if (status.Uid == 0) return "root";
        return File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == id)?[0] ?? id;
    }

    private static Container? Find(RuntimeContext context, string id)
    {
        try
        {
            return context.Get(id);
        }
        catch (GantryException e) when (e.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }
}

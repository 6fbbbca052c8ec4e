using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gantry.Model;
using Gantry.Runtime.State;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary>The commands that take a container's id and little else.</summary>
internal static class LifeCommands
{
    private static readonly OptionSet None = new([], ["--help"], []);

    public static readonly Command Start = new("let a created container's program run", "ID", None, (context, options) =>
    {
        context.Get(options.Id).Start();
        return 0;
    });

    public static readonly Command State = new("print a container's state as JSON", "ID", None, (context, options) =>
    {
        var container = context.Get(options.Id);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true })) WriteState(json, container);
        output.Write("\n"u8);
        Output.Write(output.WrittenSpan);
        return 0;
    });

    public static readonly Command Kill = new(
        "send a signal to a container (TERM when none is given)",
        "[--all] ID [SIGNAL]",
        new([], ["--all", "--help"], new() { ["-a"] = "--all" }),
        (context, options) =>
        {
            if (options.Arguments.Count is < 1 or > 2) throw GantryException.Of(ErrorKind.Invalid, "kill takes a container ID and a signal");
            context.Get(options.Arguments[0]).Kill(SignalNames.Parse(options.Arguments.Count == 2 ? options.Arguments[1] : "TERM"), options.Has("--all"));
            return 0;
        });

    public static readonly Command Delete = new(
        "remove a container that has stopped",
        "[--force] ID",
        new([], ["--force", "--help"], new() { ["-f"] = "--force" }),
        (context, options) =>
        {
            var force = options.Has("--force");
            var directory = StateDirectory.Of(context.Root, options.Id);
            if (directory.FindRecord() is null && force)
            {
                directory.Remove(); // Half-made, or not there at all: both are gone now.
                return 0;
            }

            context.Get(options.Id).Delete(force);
            return 0;
        });

    public static readonly Command Pause = new("stop all processes of a container", "ID", None, (context, options) =>
    {
        context.Get(options.Id).Pause();
        return 0;
    });

    public static readonly Command Resume = new("let all processes of a container go on", "ID", None, (context, options) =>
    {
        context.Get(options.Id).Resume();
        return 0;
    });

    /// <summary>The state as runc prints it.</summary>
    public static void WriteState(Utf8JsonWriter json, Container container, string owner = "")
    {
        var record = container.Record;
        var status = container.Status;
        json.WriteStartObject();
        json.WriteString("ociVersion", record.OciVersion);
        json.WriteString("id", record.Id);
        json.WriteNumber("pid", status == "stopped" ? 0 : record.Pid);
        json.WriteString("status", status);
        json.WriteString("bundle", record.Bundle);
        json.WriteString("rootfs", record.Rootfs);
        json.WriteString("created", record.Created.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        if (container.Config.Annotations is { Count: > 0 } annotations)
        {
            json.WriteStartObject("annotations");
            foreach (var (key, value) in annotations) json.WriteString(key, value);
            json.WriteEndObject();
        }

        json.WriteString("owner", owner);
        json.WriteEndObject();
    }
}

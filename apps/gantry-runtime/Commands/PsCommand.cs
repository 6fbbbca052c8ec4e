using System.Globalization;
using System.Text;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Runtime.State;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>ps</c>: the processes of a container.</summary>
internal static class PsCommand
{
    public static readonly Command Command = new(
        "list the processes of a container",
        "[--format table|json] ID",
        new(["--format"], ["--help"], new() { ["-f"] = "--format" }),
        Run) { StopAtArgument = true };

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        if (options.Arguments.Count > 1) throw GantryException.Of(ErrorKind.NotSupported, $"ps does not run the host's ps(1), so it takes none of its options (\"{options.Arguments[1]}\"): take the process IDs from \"ps --format json {options.Arguments[0]}\"");
        var container = context.Get(options.Id);
        var pids = container.Record.CgroupPaths.Count > 0 ? container.Cgroup.Pids() : container.Status == "stopped" ? [] : [container.Record.Pid];
        switch (options.Find("--format") ?? "table")
        {
            case "json":
                Output.WriteLine($"[{string.Join(',', pids)}]");
                return 0;
            case "table":
                var rows = new List<string[]> { new[] { "UID", "PID", "PPID", "CMD" } };
                rows.AddRange(pids.Select(Row).OfType<string[]>());
                Output.WriteLine(Table.Format(rows));
                return 0;
            case var other:
                throw GantryException.Of(ErrorKind.Invalid, $"invalid format \"{other}\": use table or json");
        }
    }

    // Null for a process that has ended meanwhile.
    private static string[]? Row(int pid)
    {
        if (ProcessStat.Find(pid) is not { } stat || Files.TryStatus(null, $"/proc/{pid}", 0, out var status) < 0) return null;
        var command = $"[{stat.Command}]";
        if (Files.TryOpenAt(null, $"/proc/{pid}/cmdline", OpenFlags.O_RDONLY, 0, out var file) == 0)
        {
            using (file)
            {
                var buffer = new byte[4096];
                var length = Files.TryRead(file!, buffer);
                if (length > 0) command = Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\0').Replace('\0', ' ');
            }
        }

        // A container's processes choose these words: no escape sequence of theirs reaches the terminal.
        command = new string([.. command.Select(c => char.IsControl(c) ? '?' : c)]);
        return [status.Uid.ToString(CultureInfo.InvariantCulture), pid.ToString(CultureInfo.InvariantCulture), stat.ParentPid.ToString(CultureInfo.InvariantCulture), command];
    }
}

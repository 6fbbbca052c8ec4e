using System.Text;
using Gantry.Cli.Commands;
using Gantry.Cli.Flags;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Output;

/// <summary>Help, made from the table of commands and flags.</summary>
internal static class Help
{
    /// <summary>Help of the program.</summary>
    public static int Root(TextOutput output, IReadOnlyList<Flag> globalFlags)
    {
        output.Write("Usage:  gantry [OPTIONS] COMMAND\n\nA container engine for Linux\n\nCommon Commands:\n");
        foreach (var name in CommandTree.Common)
            Row(output, name, CommandTree.Find(name)!.Summary);
        output.Write("\nManagement Commands:\n");
        foreach (var (name, summary) in CommandTree.Groups)
            Row(output, name, summary);
        output.Write("\nCommands:\n");
        foreach (var name in CommandTree.TopNames)
        {
            if (Array.IndexOf(CommandTree.Common, name) < 0)
                Row(output, name, CommandTree.Find(name)!.Summary);
        }
        output.Write("\nGlobal Options:\n");
        Options(output, globalFlags);
        output.Write("\nRun 'gantry COMMAND --help' for more information on a command.\n");
        return ExitCodes.Success;
    }

    /// <summary>Help of a group.</summary>
    public static int Group(TextOutput output, string group)
    {
        var summary = CommandTree.Groups.First(g => g.Name == group).Summary;
        output.Write($"Usage:  gantry {group} COMMAND\n\n{summary}\n\nCommands:\n");
        foreach (var name in CommandTree.NamesOf(group))
            Row(output, name, CommandTree.Find(group, name)!.Summary);
        output.Write($"\nRun 'gantry {group} COMMAND --help' for more information on a command.\n");
        return ExitCodes.Success;
    }

    /// <summary>Help of a command.</summary>
    public static int Command(TextOutput output, string path, CommandSpec spec)
    {
        output.Write($"Usage:  gantry {path} {spec.Usage}".TrimEnd() + $"\n\n{spec.Summary}\n");
        if (spec.Aliases.Count > 1)
            output.Write($"\nAliases:\n  {string.Join(", ", spec.Aliases.Select(static a => "gantry " + a))}\n");
        var flags = spec.Flags();
        if (flags.Any(static f => !f.Hidden))
        {
            output.Write("\nOptions:\n");
            Options(output, flags);
        }
        return ExitCodes.Success;
    }

    private static void Row(TextOutput output, string name, string summary) => output.Write($"  {name,-11} {summary}\n");

    private static void Options(TextOutput output, IReadOnlyList<Flag> flags)
    {
        var shown = flags.Where(static f => !f.Hidden).OrderBy(static f => f.Name, StringComparer.Ordinal).ToList();
        var indent = shown.Max(static f => Left(f).Length) + 3;
        var width = Math.Max((Terminals.FindSize(1)?.Columns ?? 80) - 1, indent + 24);
        foreach (var flag in shown)
            output.Write(Left(flag).PadRight(indent) + Wrap(flag.Help, width - indent, indent) + "\n");
    }

    private static string Left(Flag flag)
    {
        var name = flag.Short == '\0' ? $"      --{flag.Name}" : $"  -{flag.Short}, --{flag.Name}";
        return flag.TypeName.Length == 0 ? name : $"{name} {flag.TypeName}";
    }

    private static string Wrap(string text, int width, int indent)
    {
        var wrapped = new StringBuilder();
        foreach (var paragraph in text.Split('\n'))
        {
            var column = 0;
            if (wrapped.Length > 0)
                wrapped.Append('\n').Append(' ', indent);
            foreach (var word in paragraph.Split(' '))
            {
                if (column > 0 && column + 1 + word.Length > width)
                {
                    wrapped.Append('\n').Append(' ', indent);
                    column = 0;
                }
                else if (column > 0)
                {
                    wrapped.Append(' ');
                    column++;
                }
                wrapped.Append(word);
                column += word.Length;
            }
        }
        return wrapped.ToString();
    }
}

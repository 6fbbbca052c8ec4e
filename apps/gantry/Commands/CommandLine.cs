using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary>Finds the command, parses its flags, runs it, and turns every failure into a text and an exit code.</summary>
internal sealed class CommandLine(TextOutput output, TextOutput error)
{
    /// <summary>Runs a command line; returns the exit code.</summary>
    public int Run(IReadOnlyList<string> arguments)
    {
        try
        {
            var code = Dispatch(arguments);
            output.Flush();
            error.Flush();
            return code;
        }
        catch (IOException e) when (e.HResult == Kernel.Abi.Errno.EPIPE)
        {
            return ExitCodes.BrokenPipe;
        }
        catch (IOException e)
        {
            return Unwritable(e);
        }
    }

    private int Unwritable(IOException e)
    {
        try
        {
            error.WriteLine($"gantry: cannot read or write a standard stream: {e.Message}");
            error.Flush();
        }
        catch (IOException)
        {
            // Standard error is the one: there is nobody left to tell.
        }
        return ExitCodes.Failure;
    }

    private int Dispatch(IReadOnlyList<string> arguments)
    {
        var globalFlags = GlobalFlags.All();
        FlagValues globals;
        IReadOnlyList<string> rest;
        bool help;
        try
        {
            (globals, rest, help) = FlagParser.Parse(globalFlags, arguments, stopAtFirst: true);
        }
        catch (FlagException e)
        {
            return Usage(e, "gantry", "gantry [OPTIONS] COMMAND [ARG...]");
        }
        if (globals.Bool("version"))
        {
            output.WriteLine($"Gantry version {VersionCommand.ProductVersion}");
            return ExitCodes.Success;
        }
        if (help || rest.Count == 0)
            return Help.Root(output, globalFlags);
        using var context = new CommandContext(globals, output, error);
        return rest[0] == "help" ? HelpFor(rest, globalFlags) : RunNamed(context, rest);
    }

    private int HelpFor(IReadOnlyList<string> words, IReadOnlyList<Flag> globalFlags)
    {
        if (words.Count == 1)
            return Help.Root(output, globalFlags);
        if (words.Count == 2 && CommandTree.IsGroup(words[1]))
            return Help.Group(output, words[1]);
        var spec = words.Count == 2 ? CommandTree.Find(words[1]) : CommandTree.Find(words[1], words[2]);
        return spec is null ? Unknown(words.Skip(1).ToList()) : Help.Command(output, string.Join(' ', words.Skip(1).Take(2)), spec);
    }

    private int RunNamed(CommandContext context, IReadOnlyList<string> words)
    {
        if (!CommandTree.IsGroup(words[0]))
            return CommandTree.Find(words[0]) is { } spec ? RunCommandSpec(context, words[0], spec, Tail(words, 1)) : Unknown(words);
        if (words.Count == 1 || words[1] is "--help" or "-h")
            return Help.Group(output, words[0]);
        if (words[1].StartsWith('-'))
            return Usage(new FlagException(words[1].StartsWith("--", StringComparison.Ordinal) ? $"unknown flag: {words[1]}" : $"unknown shorthand flag: '{words[1][1]}' in {words[1]}"), "gantry " + words[0], $"gantry {words[0]} COMMAND");
        return CommandTree.Find(words[0], words[1]) is { } inGroup
            ? RunCommandSpec(context, words[0] + " " + words[1], inGroup, Tail(words, 2))
            : Unknown(words);
    }

    private int RunCommandSpec(CommandContext context, string path, CommandSpec spec, IReadOnlyList<string> arguments)
    {
        var full = "gantry " + path;
        FlagValues values;
        IReadOnlyList<string> rest;
        try
        {
            (values, rest, var help) = FlagParser.Parse(spec.Flags(), arguments, spec.StopsAtFirstArgument);
            if (help)
                return Help.Command(output, path, spec);
        }
        catch (FlagException e)
        {
            return Usage(e, full, $"{full} {spec.Usage}".TrimEnd());
        }
        if (spec.Arity.Problem(rest.Count) is { } problem)
        {
            var see = spec.Arity.Most < 0 ? "See" : "Run";
            error.Write($"gantry: '{full}' {problem}\n\nUsage:  {full} {spec.Usage}\n\n{see} '{full} --help' for more information\n");
            return ExitCodes.Failure;
        }
        return Guard(new Invocation(context, path, values, rest), spec, full);
    }

    private int Guard(Invocation invocation, CommandSpec spec, string full)
    {
        var runs = spec.Name == "run";
        try
        {
            return spec.Run(invocation);
        }
        catch (FlagException e) when (e.ExitCode is null && (runs || spec.Name == "create"))
        {
            output.Flush();
            error.Write($"gantry: {e.Message}\n\nRun '{full} --help' for more information\n");
            return ExitCodes.Client;
        }
        catch (FlagException e)
        {
            output.Flush();
            error.WriteLine(e.Message);
            return e.ExitCode ?? ExitCodes.Failure;
        }
        catch (GantryException e) when (runs)
        {
            output.Flush();
            error.Write($"gantry: {e.Message}\n{(invocation.Context.Advice is { } advice ? $"      → {advice}\n" : "")}\nRun '{full} --help' for more information\n");
            return ExitCodes.OfStartFailure(e.Message);
        }
        catch (GantryException e)
        {
            output.Flush();
            error.WriteLine(e.Message);
            return ExitCodes.Failure;
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or System.Text.Json.JsonException)
        {
            // JSON that is well-formed but not of the API's shape: what listens there is no engine, or one of another time.
            output.Flush();
            error.WriteLine($"gantry: the engine at {invocation.Context.Location.Address.Text} sent an answer that makes no sense for '{full}': {e.Message}");
            return ExitCodes.Failure;
        }
    }

    private int Unknown(IReadOnlyList<string> words)
    {
        var group = CommandTree.IsGroup(words[0]) ? words[0] : null;
        var typed = group is null ? words[0] : words[1];
        var parent = group is null ? "gantry" : "gantry " + group;
        var near = CommandTree.Suggest(typed, group) is { } suggestion ? $"Did you mean '{parent} {suggestion}'?\n" : "";
        error.Write($"gantry: unknown command: {parent} {typed}\n\n{(group is null ? "" : $"Usage:  {parent}\n\n")}{near}Run '{parent} --help' for more information\n");
        return ExitCodes.Failure;
    }

    private int Usage(FlagException e, string path, string usage)
    {
        var near = e.Suggestion is null ? "" : $"Did you mean {e.Suggestion}?\n\n";
        error.Write($"{e.Message}\n\n{near}Usage:  {usage}\n\nRun '{path} --help' for more information\n");
        return ExitCodes.Client;
    }

    private static List<string> Tail(IReadOnlyList<string> words, int from)
    {
        var tail = new List<string>(words.Count);
        for (var i = from; i < words.Count; i++)
            tail.Add(words[i]);
        return tail;
    }
}

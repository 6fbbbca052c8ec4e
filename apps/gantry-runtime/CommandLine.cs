using Gantry.Apps.GantryRuntime.Commands;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Apps.GantryRuntime;

/// <summary>The OCI command line: global options, then one command. Exit code 1 for errors, as runc has it.</summary>
internal static class CommandLine
{
    /// <summary>Options before the command.</summary>
    public static readonly OptionSet GlobalOptions = new(
        ["--root", "--log", "--log-format", "--rootless", "--criu"],
        ["--debug", "--systemd-cgroup", "--help", "--version"],
        new() { ["-h"] = "--help", ["-v"] = "--version" });

    private static readonly Dictionary<string, Command> Commands = new(StringComparer.Ordinal)
    {
        ["create"] = CreateCommand.Command,
        ["start"] = LifeCommands.Start,
        ["run"] = RunCommand.Command,
        ["state"] = LifeCommands.State,
        ["kill"] = LifeCommands.Kill,
        ["delete"] = LifeCommands.Delete,
        ["exec"] = ExecCommand.Command,
        ["list"] = ListCommand.Command,
        ["ps"] = PsCommand.Command,
        ["pause"] = LifeCommands.Pause,
        ["resume"] = LifeCommands.Resume,
        ["update"] = UpdateCommand.Command,
        ["events"] = EventsCommand.Command,
        ["spec"] = SpecCommand.Command,
        ["features"] = FeaturesCommand.Command,
    };

    /// <summary>Runs one command line.</summary>
    public static int Run(string[] args)
    {
        ParsedOptions? global = null;
        try
        {
            global = GlobalOptions.Parse(args, stopAtArgument: true);
            if (global.Has("--version"))
            {
                Output.WriteLine($"gantry-runtime version {Versions.Program}\nspec: {Versions.Spec}");
                return 0;
            }

            if (global.Has("--help") || global.Arguments.Count == 0)
            {
                Output.WriteLine(Usage());
                return global.Has("--help") ? 0 : 1;
            }

            var name = global.Arguments[0];
            if (name == "help")
            {
                Output.WriteLine(Usage());
                return 0;
            }

            if (!Commands.TryGetValue(name, out var command))
                throw GantryException.Of(ErrorKind.Invalid, $"unknown command \"{name}\": see \"gantry-runtime --help\"");
            var options = command.Options.Parse([.. global.Arguments.Skip(1)], command.StopAtArgument);
            if (options.Has("--help"))
            {
                Output.WriteLine($"usage: gantry-runtime {name} {command.Usage}");
                return 0;
            }

            var context = RuntimeContext.Of(global);
            if (command.ForksIntoContainers) SealedProgram.Ensure();
            return command.Run(context, options);
        }
        catch (GantryException e)
        {
            return Fail(global, e.Message);
        }
        catch (SyscallException e)
        {
            return Fail(global, $"{e.Call}{(e.Subject is null ? "" : " " + e.Subject)}: {Kernel.Abi.Errno.Text(e.Number)}");
        }
    }

    private static int Fail(ParsedOptions? global, string message)
    {
        ErrorLog.Write(global, message);
        // An exec that fails must not be taken for the exit code of what it ran.
        return global?.Arguments is ["exec", ..] ? 255 : 1;
    }

    private static string Usage() =>
        $"""
        gantry-runtime: an OCI runtime ({Versions.Spec})

        usage: gantry-runtime [--root DIR] [--log FILE] [--log-format text|json] [--debug] COMMAND [ARGUMENTS]

        {string.Join('\n', Commands.Select(c => $"  {c.Key,-10}{c.Value.Summary}"))}

        "gantry-runtime COMMAND --help" shows a command's options.
        """;
}

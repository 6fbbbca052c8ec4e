using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry run</c>: create, attach, wait, start, stream, exit as the container does.</summary>
internal static class RunCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "run",
        Usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        Summary = "Create and run a new container from an image",
        Aliases = ["container run", "run"],
        Arity = Arity.AtLeast(1),
        Names = Names.Images,
        Flags = CreateFlags.OfRun,
        StopsAtFirstArgument = true,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var spec = CreateSpec.Of(flags, invocation.Arguments);
        var detach = flags.Bool("detach");
        if (detach)
        {
            if (flags.List("attach").Count > 0)
                throw new FlagException("conflicting options: cannot specify both --attach and --detach") { ExitCode = ExitCodes.Failure };
            spec = spec with { Config = spec.Config with { AttachStdin = false, AttachStdout = false, AttachStderr = false, StdinOnce = false } };
        }
        else if (spec.Config is { AttachStdin: true, Tty: true } && !Terminals.IsTerminal(0))
        {
            throw new FlagException("the input device is not a TTY: leave out -t when stdin is no terminal") { ExitCode = ExitCodes.Failure };
        }
        if (Terminals.FindSize(1) is { } size)
            spec = spec with { Host = spec.Host with { ConsoleSize = [size.Rows, size.Columns] } };
        var id = ContainerCreation.Create(invocation, spec);
        var config = spec.Config;
        if (config is { AttachStdin: false, AttachStdout: false, AttachStderr: false })
        {
            StartDetached(invocation, id);
            invocation.Out.WriteLine(id);
            return ExitCodes.Success;
        }
        var code = new AttachedRun(invocation, id)
        {
            Tty = config.Tty ?? false,
            Stdin = config.AttachStdin ?? false,
            Stdout = config.AttachStdout ?? false,
            Stderr = config.AttachStderr ?? false,
            AutoRemove = spec.Host.AutoRemove ?? false,
            ForwardSignals = flags.Bool("sig-proxy") && config.Tty != true,
        }.Start();
        if (code != 0 && !flags.Bool("quiet"))
            DeathHint.Print(invocation, id);
        return code;
    }

    private static void StartDetached(Invocation invocation, string id)
    {
        try
        {
            invocation.Client.Containers.Start(id);
        }
        catch (GantryException)
        {
            invocation.Context.Advice = DeathHint.Fix(invocation, id);
            throw;
        }
    }
}

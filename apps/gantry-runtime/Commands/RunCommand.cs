using Gantry.Runtime.State;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>run</c>: create and start; in the foreground also wait and delete.</summary>
internal static class RunCommand
{
    public static readonly Command Command = new(
        "make a container, start it, and wait for its end",
        "[--bundle DIR] [--detach] [--keep] [--console-socket PATH] [--pid-file FILE] [--no-pivot] [--no-new-keyring] [--preserve-fds N] ID",
        new(CreateCommand.Valued, [.. CreateCommand.Switches, "--detach", "--keep", "--no-subreaper"], new() { ["-b"] = "--bundle", ["-d"] = "--detach" }),
        Run) { ForksIntoContainers = true };

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        var detached = options.Has("--detach");
        var factory = new ContainerFactory(context.Root, context.Seccomp, context.Time);
        var (container, init) = factory.Create(options.Id, CreateCommand.Bundle(options), outlive: false, r => CreateCommand.Shape(r, options, detached));
        using (init)
        {
            try
            {
                CreateCommand.Announce(init, options, detached);
                container.RunInside(init.PidFd);
                init.Start();
                container.RunAfterStart(init.PidFd);
            }
            catch
            {
                container.Delete(force: true);
                throw;
            }

            if (detached) return 0;
            int status;
            using (var foreground = new Foreground(init)) status = foreground.Wait();
            if (!options.Has("--keep")) container.Destroy();
            return status;
        }
    }
}

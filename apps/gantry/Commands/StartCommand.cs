using Gantry.Cli.Flags;
using Gantry.Model;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry start</c>.</summary>
internal static class StartCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "start",
        Usage = "[OPTIONS] CONTAINER [CONTAINER...]",
        Summary = "Start one or more stopped containers",
        Aliases = ["container start", "start"],
        Arity = Arity.AtLeast(1),
        Names = Names.StoppedContainers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        if (flags.Bool("attach") || flags.Bool("interactive"))
            return StartAttached(invocation);
        var failed = new List<string>();
        foreach (var name in invocation.Arguments)
        {
            try
            {
                invocation.Client.Containers.Start(name);
                invocation.Out.WriteLine(name);
            }
            catch (GantryException e) when (e.Kind == ErrorKind.NotModified)
            {
                invocation.Out.WriteLine(name);
            }
            catch (GantryException e)
            {
                invocation.Out.Flush();
                invocation.Error.WriteLine(e.Message);
                failed.Add(name);
            }
        }
        if (failed.Count == 0)
            return ExitCodes.Success;
        invocation.Out.Flush();
        invocation.Error.WriteLine($"Error: failed to start containers: {string.Join(", ", failed)}");
        return ExitCodes.Failure;
    }

    private static int StartAttached(Invocation invocation)
    {
        if (invocation.Arguments.Count > 1)
            throw new FlagException("you cannot start and attach multiple containers at once");
        var (flags, client) = (invocation.Flags, invocation.Client);
        using var json = JsonDocument.Parse(client.Containers.Inspect(invocation.Arguments[0]));
        var config = json.RootElement.GetProperty("Config");
        var tty = config.GetProperty("Tty").GetBoolean();
        var stdin = flags.Bool("interactive") && config.GetProperty("OpenStdin").GetBoolean();
        var removes = json.RootElement.TryGetProperty("HostConfig", out var host) && host.TryGetProperty("AutoRemove", out var auto) && auto.ValueKind == JsonValueKind.True;
        return new AttachedRun(invocation, json.RootElement.GetProperty("Id").GetString()!)
        {
            Tty = tty,
            Stdin = stdin,
            Stdout = true,
            Stderr = true,
            AutoRemove = removes,
            ForwardSignals = !tty,
        }.Start();
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("attach", FlagKind.Bool, "Attach STDOUT/STDERR and forward signals", 'a'),
        new("checkpoint", FlagKind.Text, "Restore from this checkpoint"),
        new("checkpoint-dir", FlagKind.Text, "Use a custom checkpoint storage directory"),
        new("detach-keys", FlagKind.Text, "Override the key sequence for detaching a container"),
        new("interactive", FlagKind.Bool, "Attach container's STDIN", 'i'),
    ];
}

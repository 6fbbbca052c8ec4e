using Gantry.Engine.Exec;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>Makes the process of an <c>exec</c> from what was asked and from the running container's own process.</summary>
/// <remarks>Source: moby daemon/exec.go and exec_linux.go.</remarks>
public static class ExecPlanner
{
    /// <summary>Plans an exec: environment, user, capabilities and working directory start from the container's.</summary>
    /// <param name="exec">What was asked.</param>
    /// <param name="container">The process the container was launched with.</param>
    /// <param name="user">The user looked up for <c>exec --user</c>, or the container's own when null.</param>
    /// <param name="facts">The machine: <c>--privileged</c> gives every capability the engine has.</param>
    /// <exception cref="GantryException">Invalid: no command.</exception>
    public static RuntimeProcess Plan(ExecCreateSpec exec, RuntimeProcess container, ResolvedUser? user, HostFacts facts)
    {
        ArgumentNullException.ThrowIfNull(exec);
        ArgumentNullException.ThrowIfNull(container);
        if (exec.Cmd.Count == 0 || exec.Cmd[0].Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, "No exec command specified");

        // TERM came with the container's terminal; without one of its own the exec has none.
        var environment = container.Env.Where(entry => exec.Tty || !container.Terminal || entry != "TERM=xterm").ToList();
        if (exec.Tty && !environment.Exists(entry => entry.StartsWith("TERM=", StringComparison.Ordinal)))
            environment.Add("TERM=xterm");
        // Another user has another home; one that was set for the container on purpose cannot be told apart from its default.
        if (user is not null && (user.Uid != container.User.Uid || !environment.Exists(entry => entry.StartsWith("HOME=", StringComparison.Ordinal))))
            ContainerEnvironment.Merge(environment, [$"HOME={user.Home}"]);
        ContainerEnvironment.Merge(environment, exec.Env);

        var capabilities = container.Capabilities;
        if (exec.Privileged)
        {
            var all = Kernel.Abi.Capability.NamesOf(facts.AvailableCapabilities);
            capabilities = new() { Bounding = all, Effective = all, Permitted = all };
        }

        return container with
        {
            Terminal = exec.Tty,
            ConsoleSize = exec is { Tty: true, ConsoleSize: { Height: > 0, Width: > 0 } size } ? new() { Height = (uint)size.Height, Width = (uint)size.Width } : null,
            User = user is null ? container.User : new() { Uid = user.Uid, Gid = user.Gid, AdditionalGids = user.AdditionalGids },
            Args = exec.Cmd,
            Env = environment,
            Cwd = string.IsNullOrEmpty(exec.WorkingDir) ? container.Cwd : exec.WorkingDir,
            Capabilities = capabilities,
        };
    }
}

using System.Buffers;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Init;

namespace Gantry.Runtime.Hooks;

/// <summary>
/// Runs hooks, one after the other: the state on standard input, nothing else inherited. A hook is forked by the same
/// interpreter as a container; one that runs inside joins the container's namespaces first.
/// </summary>
public static class HookRunner
{
    private const int LongestMessage = 4096;

    /// <summary>Runs hooks of one kind.</summary>
    /// <param name="kind">For messages: <c>createRuntime</c>.</param>
    /// <param name="hooks">Null or empty: nothing happens.</param>
    /// <param name="state">What they read.</param>
    /// <param name="inside">The container's init, to join its namespaces; null: the caller's own.</param>
    /// <param name="namespaces">CLONE_NEW* to join, without pid and user.</param>
    /// <exception cref="GantryException">A hook could not be run, failed, or took too long; those after it did not run.</exception>
    public static void Run(string kind, IReadOnlyList<RuntimeHook>? hooks, RuntimeState state, Fd? inside = null, uint namespaces = 0)
    {
        if (hooks is not { Count: > 0 }) return;
        var json = new ArrayBufferWriter<byte>();
        RuntimeConfigWriter.Write(json, state);
        foreach (var hook in hooks) Run(kind, hook, json.WrittenSpan, inside, namespaces);
    }

    private static void Run(string kind, RuntimeHook hook, ReadOnlySpan<byte> state, Fd? inside, uint namespaces)
    {
        if (!hook.Path.StartsWith('/')) throw GantryException.Of(ErrorKind.Invalid, $"{kind} hook \"{hook.Path}\": the path must be absolute");
        using var input = Files.CreateInMemory("hook-state", state);
        using var output = Files.CreateInMemory("hook-output", []);
        using var channel = SyncChannel.Open();
        var process = new RuntimeProcess { Args = hook.Args is { Count: > 0 } args ? args : [hook.Path], Env = hook.Env ?? [] };
        int[] kept = inside is null ? [input.Number, output.Number] : [input.Number, output.Number, inside.Number];
        var script = new ChildScript(channel.Child.Number, kept);
        script.CloseStrangers();
        if (inside is not null && namespaces != 0)
        {
            script.Step(LaunchStage.Namespaces, "join the container's namespaces");
            script.Call(SyscallNumbers.Setns, inside.Number, namespaces);
        }

        script.Step(LaunchStage.Exec, "run it");
        script.Call(SyscallNumbers.Dup3, input.Number, 0, 0);
        script.Call(SyscallNumbers.Dup3, output.Number, 1, 0);
        script.Call(SyscallNumbers.Dup3, output.Number, 2, 0);
        ProcessCompiler.Signals(script);
        script.Call(SyscallNumbers.CloseRange, 3, uint.MaxValue, 4);
        script.Call(
            SyscallNumbers.Execve,
            script.Program.Text(hook.Path),
            script.Program.TextArray([.. process.Args.Select(script.Program.Text)]),
            script.Program.TextArray([.. process.Env.Select(script.Program.Text)]));

        using var child = ForkedChild.Start(script.Program, 0, script.Sync);
        using var pidFd = child.PidFd;
        channel.Child.Dispose();
        var message = channel.Receive(out _);
        if (message.Kind == ChildMessageKind.Failed)
        {
            Processes.Wait(pidFd);
            throw GantryException.Of(ErrorKind.Invalid, $"{kind} hook \"{hook.Path}\" could not be run: {script.Program.Steps[message.Value].What}: {Errno.Text(message.Errno)}", new LaunchFailure(LaunchStage.Bundle, message.Errno));
        }

        var inTime = Processes.WaitForEnd(pidFd, hook.Timeout is > 0 and < int.MaxValue / 1000 ? hook.Timeout.Value * 1000 : -1);
        if (!inTime) _ = Processes.TrySignal(pidFd, Processes.SIGKILL);
        var exit = Processes.Wait(pidFd);
        if (!inTime) throw GantryException.Of(ErrorKind.TimedOut, $"{kind} hook \"{hook.Path}\" did not end within its timeout of {hook.Timeout} s and was killed");
        if (exit.Status == 0) return;
        throw GantryException.Of(ErrorKind.Invalid, $"{kind} hook \"{hook.Path}\" {(exit.Signal == 0 ? $"failed with exit code {exit.Code}" : $"was killed by signal {exit.Signal}")}{Said(output)}");
    }

    private static string Said(Fd output)
    {
        Files.Rewind(output);
        var buffer = new byte[LongestMessage];
        var length = Files.Read(output, buffer);
        var text = Encoding.UTF8.GetString(buffer, 0, length).Trim();
        return text.Length == 0 ? "" : $": {text}";
    }
}

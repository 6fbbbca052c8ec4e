using System.Text.Json;
using Gantry.Cli.Commands;
using Gantry.Cli.Terminal;
using Gantry.Client;
using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary>Opens the connections that a build asks for: to SSH agents of this machine, and to the terminal where a step failed.</summary>
internal static class BuildConnections
{
    private const int BufferBytes = 32 << 10;

    /// <summary>Opens one. A shell is served until it ends; an agent in the background.</summary>
    /// <param name="connect">The event's content.</param>
    public static void Open(Invocation invocation, JsonElement connect, AgentSpecs agents, IBuildDisplay display)
    {
        var (id, name) = (BuildResult.Text(connect, "id"), BuildResult.Text(connect, "name"));
        switch (BuildResult.Text(connect, "kind"))
        {
            case "agent":
                new Thread(() => Lend(invocation.Client.Builds, id, agents, name), 256 << 10) { IsBackground = true }.Start();
                break;
            case "shell":
                display.Pause();
                Visit(invocation, id, name);
                display.Resume();
                break;
        }
    }

    private static void Visit(Invocation invocation, string id, string step)
    {
        invocation.Error.WriteLine($"{LiveDisplay.Clean(step)} failed: this shell is where it ran. What you change is gone when you leave it (exit).");
        invocation.Error.Flush();
        using var stream = invocation.Client.Builds.Connect(id);
        new StreamSession(stream, invocation.Out, invocation.Error, DetachKeys.Default)
        {
            Tty = true,
            Stdin = true,
            Resize = (rows, columns) => invocation.Client.Builds.Resize(id, rows, columns),
        }.Run();
        invocation.Out.Flush();
    }

    private static void Lend(BuildCalls builds, string id, AgentSpecs agents, string name)
    {
        try
        {
            using var far = builds.Connect(id);
            using var near = agents.Connect(name);
            new Thread(() => Answer(near, far), 256 << 10) { IsBackground = true }.Start();
            var buffer = new byte[BufferBytes];
            while (far.Read(buffer) is > 0 and var read)
                near.Write(buffer, 0, read);
        }
        catch (Exception gone) when (gone is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or GantryException or Kernel.Sys.SyscallException)
        {
            // Whoever asked in the step sees a closed connection.
        }
    }

    private static void Answer(Stream near, HijackedStream far)
    {
        try
        {
            var buffer = new byte[BufferBytes];
            while (near.Read(buffer, 0, buffer.Length) is > 0 and var read)
                far.Write(buffer.AsSpan(0, read));
            far.CloseWrite();
        }
        catch (Exception gone) when (gone is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or Kernel.Sys.SyscallException)
        {
            // As above.
        }
    }
}

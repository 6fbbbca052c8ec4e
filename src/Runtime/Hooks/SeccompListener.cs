using System.Buffers;
using System.Text.Json;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Hooks;

/// <summary>Hands a seccomp listener to the agent that the config names, with the container process state. Source: runtime-spec config-linux.md, seccomp.</summary>
internal static class SeccompListener
{
    /// <summary>Sends.</summary>
    /// <param name="process">The process that has loaded the filter, and waits.</param>
    /// <param name="descriptor">The listener in its descriptor table.</param>
    /// <param name="pid">Its number.</param>
    /// <param name="seccomp">Names the agent's socket.</param>
    /// <param name="state">The container's.</param>
    /// <exception cref="GantryException">Invalid: no socket is named. Unavailable: nobody listens there.</exception>
    public static void Send(Fd process, int descriptor, int pid, LinuxSeccomp? seccomp, RuntimeState state)
    {
        if (seccomp?.ListenerPath is not { Length: > 0 } path)
            throw GantryException.Of(ErrorKind.Invalid, "linux.seccomp uses SCMP_ACT_NOTIFY without a listenerPath: give the socket of the agent that answers");
        var result = Processes.TryGetFd(process, descriptor, out var listener);
        if (result < 0) throw new SyscallException("pidfd_getfd", -result);
        using (listener) Send(path, listener!, Message(pid, seccomp.ListenerMetadata, state));
    }

    private static ReadOnlySpan<byte> Message(int pid, string? metadata, RuntimeState state)
    {
        var message = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(message))
        {
            json.WriteStartObject();
            json.WriteString("ociVersion", state.OciVersion);
            json.WriteStartArray("fds");
            json.WriteStringValue("seccompFd");
            json.WriteEndArray();
            json.WriteNumber("pid", pid);
            json.WriteString("metadata", metadata ?? "");
            var nested = new ArrayBufferWriter<byte>();
            RuntimeConfigWriter.Write(nested, state);
            json.WritePropertyName("state");
            json.WriteRawValue(nested.WrittenSpan);
            json.WriteEndObject();
        }

        return message.WrittenSpan;
    }

    private static void Send(string path, Fd listener, ReadOnlySpan<byte> message)
    {
        try
        {
            using var socket = Sockets.Connect(path);
            if (Sockets.TrySend(socket, message, listener) < message.Length)
                throw GantryException.Of(ErrorKind.Unavailable, $"the seccomp agent at {path} did not take the listener");
        }
        catch (SyscallException e)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the seccomp agent cannot be reached at {path} (linux.seccomp.listenerPath): {Kernel.Abi.Errno.Text(e.Number)}", cause: e);
        }
    }
}

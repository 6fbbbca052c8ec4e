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
    /// <exception cref="GantryException">Unavailable: nobody listens at the path.</exception>
    public static void Send(string path, Fd listener, int pid, string? metadata, RuntimeState state)
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

        try
        {
            using var socket = Sockets.Connect(path);
            if (Sockets.TrySend(socket, message.WrittenSpan, listener) < message.WrittenCount)
                throw GantryException.Of(ErrorKind.Unavailable, $"the seccomp agent at {path} did not take the listener");
        }
        catch (SyscallException e)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the seccomp agent cannot be reached at {path} (linux.seccomp.listenerPath): {Kernel.Abi.Errno.Text(e.Number)}", cause: e);
        }
    }
}

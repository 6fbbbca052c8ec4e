using System.Buffers;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>A command to run in a container.</summary>
/// <remarks>Source: Engine API, ExecConfig.</remarks>
public sealed record ExecCreateRequest
{
    /// <summary>The command and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Variables, as in <c>A=1</c>; null: none besides the container's.</summary>
    public IReadOnlyList<string>? Environment { get; init; }

    /// <summary>User, as in <c>1000:100</c>; empty: the container's.</summary>
    public string User { get; init; } = "";

    /// <summary>Working directory; empty: the container's.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>Whether it gets extended privileges.</summary>
    public bool Privileged { get; init; }

    /// <summary>Whether it gets a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Which streams will be attached.</summary>
    public bool AttachStdin { get; init; }

    public bool AttachStdout { get; init; }

    public bool AttachStderr { get; init; }

    /// <summary>The keys that detach; empty: the engine's.</summary>
    public string DetachKeys { get; init; } = "";

    /// <summary>The terminal's size; null: not known.</summary>
    public (int Rows, int Columns)? ConsoleSize { get; init; }

    internal byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("User", User);
            json.WriteBoolean("Privileged", Privileged);
            json.WriteBoolean("Tty", Tty);
            if (ConsoleSize is { } size)
            {
                json.WriteStartArray("ConsoleSize");
                json.WriteNumberValue(size.Rows);
                json.WriteNumberValue(size.Columns);
                json.WriteEndArray();
            }
            json.WriteBoolean("AttachStdin", AttachStdin);
            json.WriteBoolean("AttachStderr", AttachStderr);
            json.WriteBoolean("AttachStdout", AttachStdout);
            json.WriteString("DetachKeys", DetachKeys);
            CreateBody.WriteStrings(json, "Env", Environment);
            json.WriteString("WorkingDir", WorkingDirectory);
            CreateBody.WriteStrings(json, "Cmd", Command);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}

using System.Buffers;
using System.Text.Json;
using static Gantry.Model.Monitor.MonitorRequests;

namespace Gantry.Model.Monitor;

/// <summary>The payloads of what a monitor tells an engine, and of the files it leaves for one.</summary>
public static class MonitorAnswers
{
    public static void WritePid(IBufferWriter<byte> to, int pid)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteNumber("pid"u8, pid);
        json.WriteEndObject();
    }

    public static int ReadPid(ReadOnlySpan<byte> payload)
    {
        var pid = 0;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("pid"u8))
                pid = Number(ref json);
            else
                json.Skip();
        }
        return pid;
    }

    public static void WriteStarted(IBufferWriter<byte> to, DateTimeOffset startedAt)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteString("startedAt"u8, startedAt);
        json.WriteEndObject();
    }

    public static DateTimeOffset ReadStarted(ReadOnlySpan<byte> payload)
    {
        DateTimeOffset? startedAt = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("startedAt"u8))
                startedAt = Time(ref json);
            else
                json.Skip();
        }
        return startedAt ?? throw Missing("startedAt");
    }

    /// <summary>An error, with what a client needs of it.</summary>
    public static void WriteFailed(IBufferWriter<byte> to, GantryException error)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteNumber("kind"u8, (int)error.Kind);
        json.WriteString("message"u8, error.Message);
        if (error.Launch is { } launch)
        {
            json.WriteNumber("stage"u8, (int)launch.Stage);
            json.WriteNumber("errno"u8, launch.Errno);
        }
        json.WriteEndObject();
    }

    public static GantryException ReadFailed(ReadOnlySpan<byte> payload)
    {
        var kind = (int)ErrorKind.Internal;
        int? stage = null;
        var errno = 0;
        string? message = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("kind"u8))
                kind = Number(ref json);
            else if (json.ValueTextEquals("message"u8))
                message = Text(ref json);
            else if (json.ValueTextEquals("stage"u8))
                stage = Number(ref json);
            else if (json.ValueTextEquals("errno"u8))
                errno = Number(ref json);
            else
                json.Skip();
        }
        var known = kind is >= 0 and <= (int)ErrorKind.Internal ? (ErrorKind)kind : ErrorKind.Internal;
        return GantryException.Of(known, message ?? "the monitor failed without a reason", stage is { } at ? new LaunchFailure((LaunchStage)at, errno) : null);
    }

    /// <summary>The end of a container: the event, and the content of <c>exit.json</c>.</summary>
    public static void WriteExit(IBufferWriter<byte> to, ContainerExit exit)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        WriteExit(json, exit);
    }

    public static ContainerExit ReadExit(ReadOnlySpan<byte> payload)
    {
        var json = new Utf8JsonReader(payload);
        return ReadExit(ref json);
    }

    public static void WriteExecExit(IBufferWriter<byte> to, string execId, int exitCode)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteString("exec"u8, execId);
        json.WriteNumber("exitCode"u8, exitCode);
        json.WriteEndObject();
    }

    public static (string ExecId, int ExitCode) ReadExecExit(ReadOnlySpan<byte> payload)
    {
        string? id = null;
        var exitCode = 0;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("exec"u8))
                id = Text(ref json);
            else if (json.ValueTextEquals("exitCode"u8))
                exitCode = Number(ref json);
            else
                json.Skip();
        }
        return (Required(id, "exec"), exitCode);
    }

    public static void WriteState(IBufferWriter<byte> to, MonitorState state)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteNumber("status"u8, (int)state.Status);
        json.WriteNumber("pid"u8, state.Pid);
        if (state.StartedAt is { } startedAt)
            json.WriteString("startedAt"u8, startedAt);
        json.WriteStartArray("execs"u8);
        foreach (var exec in state.Execs)
        {
            json.WriteStartObject();
            json.WriteString("exec"u8, exec.ExecId);
            json.WriteNumber("pid"u8, exec.Pid);
            if (exec.ExitCode is { } code)
                json.WriteNumber("exitCode"u8, code);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (state.Health is { } health)
            HealthMessages.WriteHealth(json, health);
        if (state.Exit is { } exit)
        {
            json.WritePropertyName("exit"u8);
            WriteExit(json, exit);
        }
        json.WriteEndObject();
    }

    public static MonitorState ReadState(ReadOnlySpan<byte> payload)
    {
        var status = MonitorStatus.Empty;
        var pid = 0;
        DateTimeOffset? startedAt = null;
        List<MonitorExecState> execs = [];
        MonitorHealth? health = null;
        ContainerExit? exit = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("status"u8))
                status = (MonitorStatus)Number(ref json);
            else if (json.ValueTextEquals("pid"u8))
                pid = Number(ref json);
            else if (json.ValueTextEquals("startedAt"u8))
                startedAt = Time(ref json);
            else if (json.ValueTextEquals("execs"u8))
                ReadExecs(ref json, execs);
            else if (json.ValueTextEquals("health"u8))
                health = HealthMessages.ReadHealth(ref json);
            else if (json.ValueTextEquals("exit"u8))
                exit = ReadExit(ref json);
            else
                json.Skip();
        }
        return new MonitorState { Status = status, Pid = pid, StartedAt = startedAt, Execs = execs, Health = health, Exit = exit };
    }

    /// <summary>Something was killed for want of memory.</summary>
    public static void WriteOom(IBufferWriter<byte> to, MonitorOom oom)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteNumber("peak"u8, oom.PeakBytes);
        json.WriteNumber("limit"u8, oom.LimitBytes);
        json.WriteEndObject();
    }

    public static MonitorOom ReadOom(ReadOnlySpan<byte> payload)
    {
        long peak = 0, limit = 0;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("peak"u8))
                peak = json.Read() ? json.GetInt64() : 0;
            else if (json.ValueTextEquals("limit"u8))
                limit = json.Read() ? json.GetInt64() : 0;
            else
                json.Skip();
        }
        return new MonitorOom(peak, limit);
    }

    private static void ReadExecs(ref Utf8JsonReader json, List<MonitorExecState> execs)
    {
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            string? id = null;
            var pid = 0;
            int? exitCode = null;
            while (Next(ref json))
            {
                if (json.ValueTextEquals("exec"u8))
                    id = Text(ref json);
                else if (json.ValueTextEquals("pid"u8))
                    pid = Number(ref json);
                else if (json.ValueTextEquals("exitCode"u8))
                    exitCode = Number(ref json);
                else
                    json.Skip();
            }
            execs.Add(new MonitorExecState(Required(id, "exec"), pid, exitCode));
        }
    }

    private static void WriteExit(Utf8JsonWriter json, ContainerExit exit)
    {
        json.WriteStartObject();
        json.WriteNumber("v"u8, 1);
        json.WriteNumber("exitCode"u8, exit.ExitCode);
        json.WriteString("finishedAt"u8, exit.FinishedAt);
        json.WriteBoolean("oomKilled"u8, exit.OomKilled);
        json.WriteEndObject();
    }

    private static ContainerExit ReadExit(ref Utf8JsonReader json)
    {
        int? exitCode = null;
        DateTimeOffset? finishedAt = null;
        var oomKilled = false;
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("exitCode"u8))
                exitCode = Number(ref json);
            else if (json.ValueTextEquals("finishedAt"u8))
                finishedAt = Time(ref json);
            else if (json.ValueTextEquals("oomKilled"u8))
                oomKilled = Flag(ref json);
            else
                json.Skip();
        }
        return new ContainerExit(exitCode ?? throw Missing("exitCode"), finishedAt ?? throw Missing("finishedAt"), oomKilled);
    }

    private static DateTimeOffset Time(ref Utf8JsonReader json) => json.Read() ? json.GetDateTimeOffset() : default;
}

using System.Buffers;
using System.Text.Json;
using Gantry.Model.Oci;
using static Gantry.Model.Monitor.MonitorRequests;

namespace Gantry.Model.Monitor;

/// <summary>What engine and monitor tell each other of a container's health.</summary>
public static class HealthMessages
{
    /// <summary>A probe begins.</summary>
    public static void WriteProbeStart(IBufferWriter<byte> to, string execId)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteString("exec"u8, execId);
        json.WriteEndObject();
    }

    public static string ReadProbeStart(ReadOnlySpan<byte> payload)
    {
        string? id = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("exec"u8))
                id = Text(ref json);
            else
                json.Skip();
        }
        return Required(id, "exec");
    }

    /// <summary>A probe has ended.</summary>
    public static void WriteProbeEnd(IBufferWriter<byte> to, MonitorProbeEnd end)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteString("exec"u8, end.ExecId);
        if (end.ProcessExit is { } code)
            json.WriteNumber("exitCode"u8, code);
        WriteHealth(json, end.Health);
        json.WriteEndObject();
    }

    public static MonitorProbeEnd ReadProbeEnd(ReadOnlySpan<byte> payload)
    {
        string? id = null;
        int? code = null;
        MonitorHealth? health = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("exec"u8))
                id = Text(ref json);
            else if (json.ValueTextEquals("exitCode"u8))
                code = Number(ref json);
            else if (json.ValueTextEquals("health"u8))
                health = ReadHealth(ref json);
            else
                json.Skip();
        }
        return new MonitorProbeEnd(Required(id, "exec"), code, health ?? throw Missing("health"));
    }

    internal static void WriteHealth(Utf8JsonWriter json, MonitorHealth health)
    {
        json.WriteStartObject("health"u8);
        json.WriteString("status"u8, health.Status);
        json.WriteNumber("streak"u8, health.FailingStreak);
        json.WriteStartArray("log"u8);
        foreach (var probe in health.Log)
        {
            json.WriteStartObject();
            json.WriteString("start"u8, probe.Start);
            json.WriteString("end"u8, probe.End);
            json.WriteNumber("exitCode"u8, probe.ExitCode);
            json.WriteString("output"u8, probe.Output);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static MonitorHealth ReadHealth(ref Utf8JsonReader json)
    {
        string? status = null;
        var streak = 0;
        List<MonitorProbe> log = [];
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("status"u8))
                status = Text(ref json);
            else if (json.ValueTextEquals("streak"u8))
                streak = Number(ref json);
            else if (json.ValueTextEquals("log"u8))
                ReadLog(ref json, log);
            else
                json.Skip();
        }
        return new MonitorHealth { Status = Required(status, "health.status"), FailingStreak = streak, Log = log };
    }

    internal static void WriteSpec(Utf8JsonWriter json, MonitorHealthSpec spec)
    {
        json.WriteStartObject("health"u8);
        json.WriteNumber("interval"u8, spec.Interval.Ticks);
        json.WriteNumber("timeout"u8, spec.Timeout.Ticks);
        json.WriteNumber("startPeriod"u8, spec.StartPeriod.Ticks);
        json.WriteNumber("startInterval"u8, spec.StartInterval.Ticks);
        json.WriteNumber("retries"u8, spec.Retries);
        WriteConfig(json, new RuntimeConfig { Process = spec.Process });
        json.WriteEndObject();
    }

    internal static MonitorHealthSpec ReadSpec(ReadOnlySpan<byte> payload, ref Utf8JsonReader json)
    {
        TimeSpan interval = default, timeout = default, startPeriod = default, startInterval = default;
        var retries = 0;
        RuntimeConfig? config = null;
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("interval"u8))
                interval = Ticks(ref json);
            else if (json.ValueTextEquals("timeout"u8))
                timeout = Ticks(ref json);
            else if (json.ValueTextEquals("startPeriod"u8))
                startPeriod = Ticks(ref json);
            else if (json.ValueTextEquals("startInterval"u8))
                startInterval = Ticks(ref json);
            else if (json.ValueTextEquals("retries"u8))
                retries = Number(ref json);
            else if (json.ValueTextEquals("config"u8))
                config = ReadConfig(payload, ref json);
            else
                json.Skip();
        }
        return new MonitorHealthSpec
        {
            Process = config?.Process ?? throw Missing("health.config.process"),
            Interval = interval,
            Timeout = timeout,
            StartPeriod = startPeriod,
            StartInterval = startInterval,
            Retries = retries,
        };
    }

    private static void ReadLog(ref Utf8JsonReader json, List<MonitorProbe> log)
    {
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            DateTimeOffset start = default, end = default;
            var code = 0;
            string? output = null;
            while (Next(ref json))
            {
                if (json.ValueTextEquals("start"u8))
                    start = Time(ref json);
                else if (json.ValueTextEquals("end"u8))
                    end = Time(ref json);
                else if (json.ValueTextEquals("exitCode"u8))
                    code = Number(ref json);
                else if (json.ValueTextEquals("output"u8))
                    output = Text(ref json);
                else
                    json.Skip();
            }
            log.Add(new MonitorProbe(start, end, code, output ?? ""));
        }
    }

    private static TimeSpan Ticks(ref Utf8JsonReader json) => json.Read() ? TimeSpan.FromTicks(json.GetInt64()) : default;

    private static DateTimeOffset Time(ref Utf8JsonReader json) => json.Read() ? json.GetDateTimeOffset() : default;
}

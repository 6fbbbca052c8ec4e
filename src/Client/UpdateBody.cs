using System.Buffers;
using System.Text.Json;
using Gantry.Model.Api;

namespace Gantry.Client;

/// <summary>Writes the body of <c>POST /containers/{id}/update</c>: only what is to change.</summary>
internal static class UpdateBody
{
    public static byte[] Write(HostConfig change)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Number(json, "BlkioWeight", change.BlkioWeight);
            Number(json, "CpuShares", change.CpuShares);
            Number(json, "NanoCpus", change.NanoCpus);
            Number(json, "CpuPeriod", change.CpuPeriod);
            Number(json, "CpuQuota", change.CpuQuota);
            Number(json, "CpuRealtimePeriod", change.CpuRealtimePeriod);
            Number(json, "CpuRealtimeRuntime", change.CpuRealtimeRuntime);
            Text(json, "CpusetCpus", change.CpusetCpus);
            Text(json, "CpusetMems", change.CpusetMems);
            Number(json, "Memory", change.Memory);
            Number(json, "MemorySwap", change.MemorySwap);
            Number(json, "MemoryReservation", change.MemoryReservation);
            Number(json, "PidsLimit", change.PidsLimit);
            if (change.RestartPolicy is { Name.Length: > 0 } policy)
            {
                json.WriteStartObject("RestartPolicy");
                json.WriteString("Name", policy.Name);
                json.WriteNumber("MaximumRetryCount", policy.MaximumRetryCount ?? 0);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number and not 0)
            json.WriteNumber(name, number);
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(name, value);
    }
}

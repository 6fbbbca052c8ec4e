using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Runtime.State;

/// <summary>What is kept of a container between two calls of the command line: <c>state.json</c> in its state directory.</summary>
public sealed record ContainerRecord
{
    private const int Version = 1;

    public required string Id { get; init; }

    public required string OciVersion { get; init; }

    /// <summary>The container's init.</summary>
    public required int Pid { get; init; }

    /// <summary>When init was started, in clock ticks since boot: tells it from a later process with its pid.</summary>
    public required ulong StartTime { get; init; }

    /// <summary>The bundle's directory, absolute.</summary>
    public required string Bundle { get; init; }

    /// <summary>The root filesystem's directory, absolute.</summary>
    public required string Rootfs { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The cgroup's directories; see <see cref="Cgroups.ICgroup.Paths"/>.</summary>
    public required IReadOnlyDictionary<string, string> CgroupPaths { get; init; }

    /// <summary>The container's cgroup files to join.</summary>
    public required IReadOnlyList<string> CgroupJoinFiles { get; init; }

    /// <summary>Writes the record.</summary>
    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteString("id", Id);
            json.WriteString("ociVersion", OciVersion);
            json.WriteNumber("pid", Pid);
            json.WriteNumber("startTime", StartTime);
            json.WriteString("bundle", Bundle);
            json.WriteString("rootfs", Rootfs);
            json.WriteString("created", Created.ToString("O", CultureInfo.InvariantCulture));
            json.WriteStartObject("cgroupPaths");
            foreach (var (key, value) in CgroupPaths) json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteStartArray("cgroupJoinFiles");
            foreach (var file in CgroupJoinFiles) json.WriteStringValue(file);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="GantryException">Internal: the file is damaged, or was written by a newer version.</exception>
    public static ContainerRecord FromJson(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.GetProperty("v").GetInt32() != Version) throw GantryException.Of(ErrorKind.Internal, $"{path} was written by another version of this runtime");
            return new ContainerRecord
            {
                Id = root.GetProperty("id").GetString()!,
                OciVersion = root.GetProperty("ociVersion").GetString()!,
                Pid = root.GetProperty("pid").GetInt32(),
                StartTime = root.GetProperty("startTime").GetUInt64(),
                Bundle = root.GetProperty("bundle").GetString()!,
                Rootfs = root.GetProperty("rootfs").GetString()!,
                Created = DateTimeOffset.Parse(root.GetProperty("created").GetString()!, CultureInfo.InvariantCulture),
                CgroupPaths = root.GetProperty("cgroupPaths").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal),
                CgroupJoinFiles = [.. root.GetProperty("cgroupJoinFiles").EnumerateArray().Select(e => e.GetString()!)],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw GantryException.Of(ErrorKind.Internal, $"{path} is damaged: {e.Message}: delete the container with --force", cause: e);
        }
    }
}

using System.Text.Json;
using Gantry.Model.Api;

namespace Gantry.Client;

/// <summary>Writes <c>HostConfig.Mounts</c> as Docker's client does: what is empty is left out.</summary>
internal static class MountJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<MountSpec> mounts)
    {
        json.WriteStartArray("Mounts");
        foreach (var mount in mounts)
        {
            json.WriteStartObject();
            Text(json, "Type", mount.Type);
            Text(json, "Source", mount.Source);
            Text(json, "Target", mount.Target);
            Flag(json, "ReadOnly", mount.ReadOnly);
            Text(json, "Consistency", mount.Consistency);
            if (mount.BindOptions is { } bind)
                WriteBind(json, bind);
            if (mount.VolumeOptions is { } volume)
                WriteVolume(json, volume);
            if (mount.ImageOptions is { } image)
            {
                json.WriteStartObject("ImageOptions");
                Text(json, "Subpath", image.Subpath);
                json.WriteEndObject();
            }
            if (mount.TmpfsOptions is { } tmpfs)
            {
                json.WriteStartObject("TmpfsOptions");
                if (tmpfs.SizeBytes is { } size and not 0)
                    json.WriteNumber("SizeBytes", size);
                if (tmpfs.Mode is { } mode and not 0)
                    json.WriteNumber("Mode", mode);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteBind(Utf8JsonWriter json, MountBindOptions bind)
    {
        json.WriteStartObject("BindOptions");
        Text(json, "Propagation", bind.Propagation);
        Flag(json, "NonRecursive", bind.NonRecursive);
        Flag(json, "CreateMountpoint", bind.CreateMountpoint);
        Flag(json, "ReadOnlyNonRecursive", bind.ReadOnlyNonRecursive);
        Flag(json, "ReadOnlyForceRecursive", bind.ReadOnlyForceRecursive);
        json.WriteEndObject();
    }

    private static void WriteVolume(Utf8JsonWriter json, MountVolumeOptions volume)
    {
        json.WriteStartObject("VolumeOptions");
        Flag(json, "NoCopy", volume.NoCopy);
        Map(json, "Labels", volume.Labels);
        Text(json, "Subpath", volume.Subpath);
        if (volume.DriverConfig is { } driver)
        {
            json.WriteStartObject("DriverConfig");
            Text(json, "Name", driver.Name);
            Map(json, "Options", driver.Options);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(name, value);
    }

    private static void Flag(Utf8JsonWriter json, string name, bool? value)
    {
        if (value == true)
            json.WriteBoolean(name, true);
    }

    private static void Map(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string>? map)
    {
        if (map is not { Count: > 0 })
            return;
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}

using System.Globalization;
using System.Text.Json;
using Gantry.Distribution;

namespace Gantry.Engine.Composition;

/// <summary>Takes over what of a configuration can change while the engine runs.</summary>
/// <remarks>Source: moby daemon/reload.go and reload_unix.go, for what that is and for the event's attributes.</remarks>
internal static class Reload
{
    /// <summary>Replaces the options, tells the parts that keep some of them, and publishes the event.</summary>
    /// <param name="parts">The engine's.</param>
    /// <param name="id">The engine's id.</param>
    /// <param name="next">The configuration as it was read again.</param>
    public static void Apply(EngineParts parts, string id, EngineOptions next)
    {
        parts.Options = Merge(parts.Options, next);
        parts.Images.Reconfigure(RegistryOf(parts.Options), parts.Options.MaxConcurrentDownloads);
        parts.Events.Publish("daemon", "reload", id, Attributes(parts.Options, parts.Facts.Hostname));
    }

    /// <summary>The present options with those of the next that may change. Pure.</summary>
    public static EngineOptions Merge(EngineOptions present, EngineOptions next) => present with
    {
        Debug = next.Debug,
        Labels = next.Labels,
        RegistryMirrors = next.RegistryMirrors,
        InsecureRegistries = next.InsecureRegistries,
        MaxConcurrentDownloads = next.MaxConcurrentDownloads,
        MaxDownloadAttempts = next.MaxDownloadAttempts,
        ShmSizeBytes = next.ShmSizeBytes,
        IpcMode = next.IpcMode,
        CgroupNamespaceMode = next.CgroupNamespaceMode,
        BuildCache = next.BuildCache,
    };

    /// <summary>How registries are reached with these options.</summary>
    public static RegistryOptions RegistryOf(EngineOptions options) => new()
    {
        Mirrors = options.RegistryMirrors,
        InsecureRegistries = options.InsecureRegistries,
        CertificateDirectories = options.CertificateDirectories,
        Proxies = options.Proxies,
        MostAttempts = options.MaxDownloadAttempts,
        UserAgent = $"gantry/{options.ProductVersion}",
    };

    private static Dictionary<string, string> Attributes(EngineOptions options, string hostname) => new(StringComparer.Ordinal)
    {
        ["name"] = hostname,
        ["debug"] = options.Debug ? "true" : "false",
        ["labels"] = List(options.Labels),
        ["registry-mirrors"] = List(options.RegistryMirrors),
        ["insecure-registries"] = List(options.InsecureRegistries),
        ["max-concurrent-downloads"] = options.MaxConcurrentDownloads.ToString(CultureInfo.InvariantCulture),
        ["max-download-attempts"] = options.MaxDownloadAttempts.ToString(CultureInfo.InvariantCulture),
        ["default-shm-size"] = options.ShmSizeBytes.ToString(CultureInfo.InvariantCulture),
        ["default-ipc-mode"] = options.IpcMode,
        ["default-cgroupns-mode"] = options.CgroupNamespaceMode ?? "",
        ["live-restore"] = "true",
    };

    private static string List(IReadOnlyList<string> texts)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartArray();
            foreach (var text in texts)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(json.ToArray());
    }
}

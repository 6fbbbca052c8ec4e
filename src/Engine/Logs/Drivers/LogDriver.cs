using System.Globalization;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Logs.Drivers;

/// <summary>A container's log configuration: checks it, and tells where the log is and what the monitor does. Pure but for the names of log servers.</summary>
/// <remarks>
/// Source: moby daemon/logger: jsonfilelog, local, syslog, journald, loggerutils/cache. What is sent away is also kept in a
/// file to read back, as moby's cache does. Unlike there, json-file is rotated unless told otherwise: 5 files of 10 MB.
/// </remarks>
internal static class LogDriver
{
    /// <summary>The drivers that there are.</summary>
    public static IReadOnlyList<string> All { get; } = ["journald", "json-file", "local", "none", "syslog"];

    /// <summary>Whether the driver keeps a log that can be read back.</summary>
    public static bool IsReadable(HostConfigLogConfig? config) =>
        config?.Type is not "none" && !(IsRemote(config?.Type) && LogOptionReader.IsTrue(Settings(config), "cache-disabled"));

    /// <summary>The newest file of a container's log.</summary>
    public static string FileOf(EnginePaths paths, ContainerRecord record) => record.HostConfig.LogConfig?.Type switch
    {
        "local" => paths.LocalLog(record.Id),
        var type when IsRemote(type) => paths.CachedLog(record.Id),
        _ => paths.Log(record.Id),
    };

    /// <summary>Refuses drivers and options that there are not.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(HostConfigLogConfig? config)
    {
        var settings = Settings(config);
        var type = TypeOf(config);
        if (!All.Contains(type))
            throw Invalid($"error looking up logging plugin {type}: plugin \"{type}\" not found");
        if (type == "none")
            return;
        LogOptionReader.CheckDelivery(settings);
        foreach (var key in settings.Keys)
        {
            if (!IsKnown(type, key))
                throw Invalid($"unknown log opt '{key}' for {type} log driver");
        }
        if (IsRemote(type))
            SyslogTarget.Check(settings);
        _ = File(type, settings, "");
        if (settings.GetValueOrDefault("tag") is { Length: > 0 } tag)
            LogTag.Check(tag);
        LogAttributes.Check(settings);
    }

    /// <summary>What the monitor is told; null: no log.</summary>
    /// <param name="record">The container.</param>
    /// <param name="path">Where its log's file goes.</param>
    /// <param name="hostname">The host's name, for syslog.</param>
    /// <param name="utcOffset">The host's local time behind UTC's.</param>
    /// <param name="cancellationToken">Ends looking up the log server's name.</param>
    /// <exception cref="GantryException">Unavailable: there is no such log server.</exception>
    public static async Task<MonitorLogOptions?> OptionsAsync(ContainerRecord record, string path, string hostname, TimeSpan utcOffset, CancellationToken cancellationToken)
    {
        var config = record.HostConfig.LogConfig;
        var type = TypeOf(config);
        if (type == "none")
            return null;
        var settings = Settings(config);
        var attributes = LogAttributes.Of(settings, record.Config);
        var file = File(type, settings, IsReadable(config) ? path : "");
        if (!IsRemote(type))
        {
            // Source: moby jsonfilelog: a tag is an attribute there, and only when one was asked for.
            if (settings.GetValueOrDefault("tag") is { Length: > 0 } asked)
                attributes["tag"] = LogTag.Expand(asked, record);
            return file with { Attributes = attributes };
        }
        var tag = LogTag.Expand(settings.GetValueOrDefault("tag") is { Length: > 0 } given ? given : LogTag.Default, record);
        var delivery = LogOptionReader.Delivery(settings);
        var target = type == "journald"
            ? JournalTarget.Of(record, tag, attributes)
            : await SyslogTarget.OfAsync(settings, cancellationToken);
        return file with
        {
            Attributes = attributes,
            Remote = target with { Tag = tag, Hostname = hostname, UtcOffsetMinutes = (int)utcOffset.TotalMinutes, BufferBytes = delivery.BufferBytes, DropWhenFull = delivery.DropWhenFull },
        };
    }

    private static string TypeOf(HostConfigLogConfig? config) => string.IsNullOrEmpty(config?.Type) ? "json-file" : config.Type;

    private static IReadOnlyDictionary<string, string> Settings(HostConfigLogConfig? config) => config?.Config ?? new Dictionary<string, string>();

    private static bool IsRemote(string? type) => type is "syslog" or "journald";

    private static bool IsKnown(string type, string key) => key switch
    {
        "mode" or "max-buffer-size" => true,
        "max-size" or "max-file" or "compress" => type is "json-file" or "local",
        "labels" or "labels-regex" or "env" or "env-regex" or "tag" => type is not "local",
        "cache-disabled" or "cache-max-size" or "cache-max-file" or "cache-compress" => IsRemote(type),
        "syslog-address" or "syslog-facility" or "syslog-format" => type == "syslog",
        "syslog-tls-ca-cert" or "syslog-tls-cert" or "syslog-tls-key" or "syslog-tls-skip-verify" => type == "syslog",
        _ => false,
    };

    private static MonitorLogOptions File(string type, IReadOnlyDictionary<string, string> settings, string path)
    {
        var prefix = IsRemote(type) ? "cache-" : "";
        // Docker's local driver and its cache keep 5 files of 20 MB.
        var defaultSize = type == "json-file" ? 10_000_000 : 20_000_000;
        long maxSize = defaultSize;
        var maxFiles = 5;
        if (settings.GetValueOrDefault($"{prefix}max-size") is { } size)
        {
            maxSize = size == "-1" ? 0 : LogOptionReader.Size(size);
            // As with Docker, who bounds a json-file's size and says no more gets one file.
            maxFiles = type == "json-file" || maxSize == 0 ? 1 : 5;
        }
        if (settings.GetValueOrDefault($"{prefix}max-file") is { } files)
        {
            if (!int.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out maxFiles) || maxFiles < 1)
                throw Invalid($"{prefix}max-file cannot be less than 1: \"{files}\"");
            if (maxSize == 0 && maxFiles > 1)
                throw Invalid($"{prefix}max-file needs {prefix}max-size: without a largest size a log is never rotated");
        }
        var isAsked = LogOptionReader.IsTrue(settings, $"{prefix}compress");
        var isRotated = maxSize > 0 && maxFiles > 1;
        // Source: moby jsonfilelog.New; its local driver compresses unasked.
        if (isAsked && !isRotated)
            throw Invalid($"{prefix}compress cannot be true when {prefix}max-file is less than 2 or {prefix}max-size is not set");
        return new MonitorLogOptions { Path = path, MaxSizeBytes = maxSize, MaxFiles = maxFiles, Compress = isRotated && (isAsked || (type != "json-file" && !settings.ContainsKey($"{prefix}compress"))) };
    }

    private static GantryException Invalid(string sentence) => GantryException.Of(ErrorKind.Invalid, sentence);
}

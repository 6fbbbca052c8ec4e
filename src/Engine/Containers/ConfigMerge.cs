using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>Completes a container's configuration with its image's. Pure.</summary>
/// <remarks>Source: moby daemon/commit.go merge, daemon/container.go mergeAndVerifyConfig.</remarks>
public static class ConfigMerge
{
    /// <summary>The configuration that the container has.</summary>
    /// <exception cref="Model.GantryException">Invalid: neither names a command.</exception>
    public static ContainerConfig Merge(ContainerConfig asked, ImageConfig? image)
    {
        image ??= new ImageConfig();
        // NOTE: an entrypoint of one empty word ("--entrypoint ''") resets the image's, and with it the image's command.
        var entrypointGiven = asked.Entrypoint is { Count: > 0 };
        var commandGiven = asked.Cmd is { Count: > 0 };
        var command = entrypointGiven || commandGiven ? asked.Cmd : image.Cmd;
        var entrypoint = asked.Entrypoint ?? image.Entrypoint;
        if (asked.Entrypoint is { Count: 0 })
            entrypoint = null;
        if (entrypoint is [""])
            entrypoint = null;
        if (entrypoint is not { Count: > 0 } && command is not { Count: > 0 })
            throw ContainerErrors.NoCommand();
        return asked with
        {
            User = Text(asked.User, image.User),
            ExposedPorts = Union(asked.ExposedPorts, image.ExposedPorts),
            Env = MergeEnv(asked.Env, image.Env),
            Labels = Union(asked.Labels, image.Labels) ?? new Dictionary<string, string>(),
            Cmd = command,
            Entrypoint = entrypoint,
            Healthcheck = MergeHealth(asked.Healthcheck, image.Healthcheck),
            WorkingDir = Clean(Text(asked.WorkingDir, image.WorkingDir)),
            Volumes = Union(asked.Volumes, image.Volumes),
            StopSignal = string.IsNullOrEmpty(asked.StopSignal) ? NullIfEmpty(image.StopSignal) : asked.StopSignal,
            Shell = asked.Shell is { Count: > 0 } ? asked.Shell : image.Shell,
            OnBuild = asked.OnBuild ?? image.OnBuild,
        };
    }

    /// <summary>The request's variables, then those of the image that it does not name.</summary>
    internal static IReadOnlyList<string> MergeEnv(IReadOnlyList<string>? asked, IReadOnlyList<string>? image)
    {
        if (asked is not { Count: > 0 })
            return image ?? [];
        if (image is not { Count: > 0 })
            return asked;
        var named = new HashSet<string>(asked.Select(KeyOf), StringComparer.Ordinal);
        return [.. asked, .. image.Where(entry => !named.Contains(KeyOf(entry)))];
    }

    private static string KeyOf(string entry)
    {
        var equals = entry.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? entry : entry[..equals];
    }

    private static HealthConfig? MergeHealth(HealthConfig? asked, HealthConfig? image)
    {
        if (asked is null || image is null)
            return asked ?? image;
        return new HealthConfig
        {
            Test = asked.Test is { Count: > 0 } ? asked.Test : image.Test,
            Interval = Number(asked.Interval, image.Interval),
            Timeout = Number(asked.Timeout, image.Timeout),
            StartPeriod = Number(asked.StartPeriod, image.StartPeriod),
            StartInterval = Number(asked.StartInterval, image.StartInterval),
            Retries = Number(asked.Retries, image.Retries),
        };
    }

    private static IReadOnlyDictionary<string, T>? Union<T>(IReadOnlyDictionary<string, T>? asked, IReadOnlyDictionary<string, T>? image)
    {
        if (asked is not { Count: > 0 })
            return image;
        if (image is not { Count: > 0 })
            return asked;
        var all = new Dictionary<string, T>(asked, StringComparer.Ordinal);
        foreach (var (key, value) in image)
            all.TryAdd(key, value);
        return all;
    }

    private static long? Number(long? asked, long? image) => asked is null or 0 ? image : asked;

    private static string Text(string? asked, string? image) => string.IsNullOrEmpty(asked) ? image ?? "" : asked;

    // Source: moby daemon/container_unix.go, translateWorkingDir. What is not absolute is refused later, as it was written.
    private static string Clean(string directory) => directory.StartsWith('/') ? Volumes.ContainerPath.CleanHost(directory) : directory;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

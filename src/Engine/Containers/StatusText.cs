using System.Globalization;

namespace Gantry.Engine.Containers;

/// <summary>A container's state in words, as <c>ps</c> shows it. Pure.</summary>
/// <remarks>Source: moby container/state.go String, go-units HumanDuration.</remarks>
public static class StatusText
{
    /// <summary><c>Up 2 seconds</c>, <c>Exited (0) 3 minutes ago</c>, <c>Created</c> …</summary>
    /// <param name="status">The state.</param>
    /// <param name="startedAt">When it was started last.</param>
    /// <param name="finishedAt">When it ended last.</param>
    /// <param name="exitCode">How it ended last.</param>
    /// <param name="health">Its health status; null or <c>none</c> when it has no health check.</param>
    /// <param name="now">The present.</param>
    public static string Of(string status, DateTimeOffset? startedAt, DateTimeOffset? finishedAt, int exitCode, string? health, DateTimeOffset now)
    {
        switch (status)
        {
            case ContainerStatus.Paused:
                return $"Up {Duration(now - startedAt)} (Paused)";
            case ContainerStatus.Restarting:
                return $"Restarting ({Number(exitCode)}) {Duration(now - finishedAt)} ago";
            case ContainerStatus.Running:
                var words = health switch
                {
                    null or "" or "none" => "",
                    "starting" => " (health: starting)",
                    _ => $" ({health})",
                };
                return $"Up {Duration(now - startedAt)}{words}";
            case ContainerStatus.Removing:
                return "Removal In Progress";
            case ContainerStatus.Dead:
                return "Dead";
            case ContainerStatus.Created:
                return "Created";
            default:
                return finishedAt is null ? "" : $"Exited ({Number(exitCode)}) {Duration(now - finishedAt)} ago";
        }
    }

    /// <summary>A length of time in Docker's rough words: <c>Less than a second</c>, <c>About a minute</c>, <c>3 weeks</c>.</summary>
    public static string Duration(TimeSpan? length)
    {
        var time = length is { } given && given > TimeSpan.Zero ? given : TimeSpan.Zero;
        var seconds = (long)time.TotalSeconds;
        if (seconds < 1)
            return "Less than a second";
        if (seconds == 1)
            return "1 second";
        if (seconds < 60)
            return $"{Number(seconds)} seconds";
        var minutes = (long)time.TotalMinutes;
        if (minutes == 1)
            return "About a minute";
        if (minutes < 60)
            return $"{Number(minutes)} minutes";
        // Go rounds the hours half up before it divides them into days.
        var hours = (long)(time.TotalHours + 0.5);
        if (hours == 1)
            return "About an hour";
        if (hours < 48)
            return $"{Number(hours)} hours";
        if (hours < 24 * 7 * 2)
            return $"{Number(hours / 24)} days";
        if (hours < 24 * 30 * 2)
            return $"{Number(hours / 24 / 7)} weeks";
        return hours < 24 * 365 * 2 ? $"{Number(hours / 24 / 30)} months" : $"{Number((long)time.TotalHours / 24 / 365)} years";
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

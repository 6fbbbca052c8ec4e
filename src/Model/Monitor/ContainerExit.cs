namespace Gantry.Model.Monitor;

/// <summary>How a container ended.</summary>
/// <param name="ExitCode">What the first process returned; 128 + n when signal n killed it.</param>
/// <param name="FinishedAt">When the monitor reaped it.</param>
/// <param name="OomKilled">Whether the kernel killed something in its control group for memory.</param>
public sealed record ContainerExit(int ExitCode, DateTimeOffset FinishedAt, bool OomKilled)
{
    /// <summary>The exit code of a container that ended with nobody to see it: after a reboot, say. dockerd's too.</summary>
    public const int UnseenExitCode = 255;

    /// <summary>The end of a container that nobody saw.</summary>
    /// <param name="noticedAt">When it was noticed to have ended.</param>
    public static ContainerExit Unseen(DateTimeOffset noticedAt) => new(UnseenExitCode, noticedAt, OomKilled: false);
}

using Gantry.Engine.Operations;

namespace Gantry.Engine.Builds;

/// <summary>How much the build cache may hold (<c>builder.gc</c> of daemon.json). Pure.</summary>
/// <remarks>Source: moby daemon/config/builder.go; daemon/internal/builder-next/worker/gc.go for the rules where none are given.</remarks>
public sealed record CacheLimits
{
    private const long LeastPassingBytes = 512_000_000;
    private const double PassingShare = Math.E * Math.PI * 1.618033988749895 / 100;

    /// <summary>Whether what is beyond is removed in the background.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>As <see cref="BuildCachePrune.ReservedBytes"/>; all three 0: 10 % of the disk.</summary>
    public long ReservedBytes { get; init; }

    /// <summary>As <see cref="BuildCachePrune.MaxUsedBytes"/>; all three 0: 80 % of the disk.</summary>
    public long MaxUsedBytes { get; init; }

    /// <summary>As <see cref="BuildCachePrune.MinFreeBytes"/>; all three 0: 20 % of the disk.</summary>
    public long MinFreeBytes { get; init; }

    /// <summary>Rules, applied one after another; empty: those that follow from the three sizes.</summary>
    public IReadOnlyList<BuildCachePrune> Rules { get; init; } = [];

    /// <summary>The rules for a disk.</summary>
    public IReadOnlyList<BuildCachePrune> For(long diskBytes)
    {
        if (Rules.Count > 0)
            return Rules;
        var all = ReservedBytes == 0 && MaxUsedBytes == 0 && MinFreeBytes == 0
            ? new BuildCachePrune { ReservedBytes = Part(diskBytes, 10), MaxUsedBytes = Part(diskBytes, 80), MinFreeBytes = Part(diskBytes, 20) }
            : new BuildCachePrune { ReservedBytes = ReservedBytes, MaxUsedBytes = MaxUsedBytes, MinFreeBytes = MinFreeBytes };
        return
        [
            // What is easily had again.
            new()
            {
                Filters = Filters.Of(("type", "source.local"), ("type", CacheMounts.Kind), ("type", "source.git.checkout")),
                UnusedFor = TimeSpan.FromHours(48),
                MaxUsedBytes = Math.Max(LeastPassingBytes, (long)Math.Round(all.ReservedBytes * PassingShare)),
            },
            all with { UnusedFor = TimeSpan.FromDays(60) },
            all,
            all with { All = true },
        ];
    }

    private static long Part(long disk, int percent) => ((disk * percent / 100 / (1L << 30)) + 1) * 1_000_000_000;
}

using System.Text;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>Which times a layer's files get so that they tell nothing of when the layer was made.</summary>
/// <param name="own">What files get that the layer's maker wrote; no file has a later time.</param>
/// <param name="since">From when on a file counts as the maker's.</param>
/// <param name="lower">The stack that the layer lies on.</param>
/// <param name="lowerAfter">The same stack with its times set: what was only copied up from there has the time that it has there.</param>
internal sealed class LayerTimes(DateTimeOffset own, DateTimeOffset since, LowerChain lower, LowerChain lowerAfter)
{
    private readonly FileTime _own = new(own.ToUnixTimeSeconds(), 0);
    private readonly long _sinceMs = since.ToUnixTimeMilliseconds();

    /// <summary>The time of a file.</summary>
    /// <param name="name">Its path as the archive has it.</param>
    /// <param name="time">What it has.</param>
    public FileTime Of(byte[] name, FileTime time)
    {
        if ((time.Seconds * 1000) + (time.Nanoseconds / 1_000_000) >= _sinceMs)
            return _own;
        var path = Encoding.Latin1.GetString(name).TrimEnd('/');
        if (lower.Find(path) is { } below && below.Status.Modified == time && lowerAfter.Find(path) is { } after)
            return after.Status.Modified;
        return (time.Seconds, time.Nanoseconds).CompareTo((_own.Seconds, _own.Nanoseconds)) > 0 ? _own : time;
    }
}

namespace Gantry.Kernel.Sys;

/// <summary>A moment since 1970, as struct timespec holds it.</summary>
/// <param name="Seconds">May be negative.</param>
/// <param name="Nanoseconds">0 to 999,999,999, or one of utimensat's special values.</param>
public readonly record struct FileTime(long Seconds, long Nanoseconds)
{
    /// <summary>Tells utimensat to leave this time as it is.</summary>
    public static FileTime Omit => new(0, 0x3ffffffe);
}

namespace Gantry.Engine.Stats;

/// <summary>
/// The machine's processor time, for any number of samples a second. The kernel makes all of <c>/proc/stat</c> for each
/// reader, which takes milliseconds on a machine with many processors and interrupts; between two readings a second apart
/// every processor's time just goes on.
/// </summary>
internal sealed class SystemCpuClock(TimeProvider time)
{
    private static readonly TimeSpan s_reading = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private SystemCpu _read;
    private long _readAt;

    /// <summary>The time now.</summary>
    public SystemCpu Now()
    {
        lock (_lock)
        {
            if (_read.Online == 0 || time.GetElapsedTime(_readAt) >= s_reading)
            {
                _read = SystemCpu.Read();
                _readAt = time.GetTimestamp();
            }
            return _read with { TotalNs = _read.TotalNs + ((long)time.GetElapsedTime(_readAt).TotalNanoseconds * _read.Online) };
        }
    }
}

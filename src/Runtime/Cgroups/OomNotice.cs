using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Cgroups;

/// <summary>Becomes ready when the kernel kills something in a control group for want of memory.</summary>
/// <remarks>
/// Source: kernel Documentation/admin-guide/cgroup-v1/memory.rst section 10 (an event counter registered with
/// <c>cgroup.event_control</c>); cgroup-v2.rst (<c>memory.events</c> tells poll(2) of changes).
/// </remarks>
public sealed class OomNotice : IDisposable
{
    private readonly byte[] _content = new byte[512];
    private readonly Fd? _control;

    private OomNotice(Fd file, Fd? control, Readiness interest)
    {
        File = file;
        _control = control;
        Interest = interest;
    }

    /// <summary>What an event loop watches.</summary>
    public Fd File { get; }

    /// <summary>What it waits for.</summary>
    public Readiness Interest { get; }

    /// <summary>Takes a notice, so that the next one is told of.</summary>
    public void Take()
    {
        if (_control is null)
            Files.Rewind(File);
        _ = Files.TryRead(File, _content);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Dispose();
        _control?.Dispose();
    }

    /// <summary>Watches a version 1 memory directory; null when this kernel cannot.</summary>
    internal static OomNotice? OfLegacy(string directory)
    {
        if (Files.TryOpenAt(null, $"{directory}/memory.oom_control", OpenFlags.O_RDONLY, 0, out var control) < 0)
            return null;
        var counter = Pipes.OpenEvent();
        var notice = new OomNotice(counter, control, Readiness.Readable);
        if (Files.TryWriteControl($"{directory}/cgroup.event_control", $"{counter.Number} {control!.Number}") == 0)
            return notice;
        notice.Dispose();
        return null;
    }

    /// <summary>Watches a version 2 directory; null when it has no memory controller.</summary>
    internal static OomNotice? OfUnified(string directory)
    {
        if (Files.TryOpenAt(null, $"{directory}/memory.events", OpenFlags.O_RDONLY, 0, out var events) < 0)
            return null;
        var notice = new OomNotice(events!, null, Readiness.Priority);
        notice.Take(); // what is the case already is no news
        return notice;
    }
}

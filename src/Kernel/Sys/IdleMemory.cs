namespace Gantry.Kernel.Sys;

/// <summary>What a process does with its memory before it waits for long.</summary>
public static class IdleMemory
{
    /// <summary>
    /// Gives back what work has taken: garbage, the free parts of the C library's heap, and the pages of code that waiting does
    /// not need. Stops the process for some milliseconds; the code comes back from the page cache when it is touched.
    /// </summary>
    public static void GiveBack()
    {
        // Read first: reading makes garbage.
        var code = ResidentPages.CleanFileMappings();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Allocator.Trim();
        ResidentPages.Drop(code);
    }
}

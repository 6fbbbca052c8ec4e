using System.Runtime.InteropServices;

namespace Gantry.Kernel.Sys;

/// <summary>The C library's heap. Source: malloc_trim(3).</summary>
public static partial class Allocator
{
    /// <summary>Gives free memory back to the kernel.</summary>
    public static void Trim() => _ = malloc_trim(0);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint keep);
}

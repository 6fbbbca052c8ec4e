using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Cgroups.V1;

internal sealed class LegacyCgroup : ICgroup
{
    public CgroupLayout Layout => CgroupLayout.V1;
    public IReadOnlyDictionary<string, string> Paths { get; }
    public IReadOnlyList<string> JoinPaths => [];
    public string? UnifiedDirectory => null;
    public bool IsFrozen => false;
    public void Update(LinuxResources resources) => throw GantryException.Of(ErrorKind.NotSupported, "cgroups are being built");
    public void Freeze() => throw GantryException.Of(ErrorKind.NotSupported, "cgroups are being built");
    public void Thaw() => throw GantryException.Of(ErrorKind.NotSupported, "cgroups are being built");
    public IReadOnlyList<int> Pids() => [];
    public void KillAll(int signal) => throw GantryException.Of(ErrorKind.NotSupported, "cgroups are being built");
    public bool OomKilled() => false;
    public void Delete() => throw GantryException.Of(ErrorKind.NotSupported, "cgroups are being built");
    public LegacyCgroup(IReadOnlyDictionary<string, string> paths, CgroupLayout layout) => Paths = paths;
    public static LegacyCgroup Create(CgroupMounts mounts, string path, LinuxResources? resources) => throw GantryException.Of(ErrorKind.NotSupported, "cgroups are being built");
    public static Dictionary<string, string> PathsOf(CgroupMounts mounts, string path) => [];
}

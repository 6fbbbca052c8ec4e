using Gantry.Kernel.Fds;
namespace Gantry.Engine.Volumes;
public sealed class VolumeStore
{
    public static VolumeStore Open(string directory, TimeProvider time) => throw new NotSupportedException();
    public VolumeRecord Ensure(string? name, IReadOnlyDictionary<string,string>? labels, IReadOnlyDictionary<string,string>? options, out bool created) => throw new NotSupportedException();
    public VolumeRecord? Find(string name) => throw new NotSupportedException();
    public IReadOnlyList<VolumeRecord> List() => throw new NotSupportedException();
    public bool Remove(string name) => throw new NotSupportedException();
    public bool CopyUp(VolumeRecord volume, Fd imageRoot, string containerPath) => throw new NotSupportedException();
}

using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Explain;

/// <summary>The root filesystem of a container that does not run. It is hostile: everything is reached within it by descriptors.</summary>
/// <param name="root">Owned by this object.</param>
internal sealed class ContainerFiles(Fd root) : IContainerFiles, IDisposable
{
    private const int MostNames = 20_000;

    public bool Exists(string path)
    {
        try
        {
            return SafePath.FindStatus(root, path) is not null;
        }
        catch (SyscallException)
        {
            return false;
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        if (SafePath.TryOpenInRoot(root, directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NONBLOCK, 0, out var opened) < 0)
            return [];
        using (opened)
        {
            var names = new List<byte[]>();
            return Inodes.List(opened!, names) < 0 ? [] : [.. names.Take(MostNames).Select(n => Encoding.UTF8.GetString(n.AsSpan().TrimEnd((byte)0)))];
        }
    }

    public void Dispose() => root.Dispose();
}

using Gantry.Archive;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Archive;

/// <summary>Owners in archives of trees whose ids are numbered otherwise on the host.</summary>
public sealed class OwnerTests
{
    [Fact]
    public void AnArchiveNamesOwnersAsTheContainerDoes()
    {
        var directory = Directory.CreateTempSubdirectory("gantry-owner-").FullName;
        File.WriteAllText(Path.Combine(directory, "f"), "x");
        var me = Files.Status(null, directory);
        var map = new IdMap([new IdMapping { ContainerID = 5, HostID = me.Uid, Size = 1 }], [new IdMapping { ContainerID = 6, HostID = me.Gid + 1, Size = 1 }]);
        using var root = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);

        Assert.Equal((5u, IdMap.Nobody), Owner(new OwnerView(map)));
        Assert.Equal((me.Uid, me.Gid), Owner(OwnerView.Plain));
        // A mount may have numbers of its own.
        Inodes.Status(root, Inodes.Empty, out var status);
        Assert.NotEqual(0ul, status.Mount);
        Assert.Equal((5u, IdMap.Nobody), Owner(new OwnerView(IdMap.Identity, new Dictionary<ulong, IdMap> { [status.Mount] = map })));
        Assert.Equal((me.Uid, me.Gid), Owner(new OwnerView(IdMap.Identity, new Dictionary<ulong, IdMap> { [status.Mount + 1] = map })));
        Directory.Delete(directory, recursive: true);

        (uint, uint) Owner(OwnerView owners)
        {
            using var archive = new MemoryStream();
            var writer = new TarWriter(archive);
            new TreeArchive(writer, CancellationToken.None) { Owners = owners }.AddDirectory(root, [], itself: false);
            writer.Finish();
            archive.Position = 0;
            using var reader = new TarReader(archive);
            var entry = reader.Next()!;
            return (entry.Uid, entry.Gid);
        }
    }

    [Fact]
    public void FileCapabilitiesLoseAndGetTheirNamespacesRoot()
    {
        var map = new IdMap([new IdMapping { HostID = 0x00018700, Size = 10 }], [new IdMapping { HostID = 1, Size = 10 }]);
        byte[] inner = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] host = [1, 0, 0, 3, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x87, 1, 0];
        Assert.Equal(host, FileCapabilities.ToHost(FileCapabilities.Name, inner, map));
        Assert.Equal(inner, FileCapabilities.ToInner(FileCapabilities.Name, host, map));

        // Another namespace's, another attribute's, and what is none stay as they are.
        Assert.Equal(host, FileCapabilities.ToInner(FileCapabilities.Name, host, map with { Uids = [new IdMapping { HostID = 7, Size = 1 }] }));
        Assert.Equal(inner, FileCapabilities.ToHost("user.x", inner, map));
        Assert.Equal(inner, FileCapabilities.ToHost(FileCapabilities.Name, inner, IdMap.Identity));
        Assert.Equal([1, 2], FileCapabilities.ToInner(FileCapabilities.Name, [1, 2], map));
    }
}

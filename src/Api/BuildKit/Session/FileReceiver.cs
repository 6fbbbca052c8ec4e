using Gantry.Api.BuildKit.Wire.Files;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Session;

/// <summary>What has come of a tree so far, and what is to be asked for.</summary>
internal sealed class FileReceiver(string directory) : IDisposable
{
    private readonly MirrorTree _tree = new(directory);
    private readonly Queue<(uint Id, MirrorEntry Entry)> _wanted = new();
    private readonly Dictionary<uint, (MirrorEntry Entry, Fd File)> _underWay = [];
    private uint _number;
    private bool _listed;

    /// <summary>Files that were asked for and have not come whole.</summary>
    public int UnderWay => _underWay.Count;

    /// <summary>Everything is there.</summary>
    public bool IsComplete => _listed && _wanted.Count == 0 && _underWay.Count == 0;

    /// <summary>Whether the directory was another before, but for times.</summary>
    public bool Changed => _tree.Changed;

    /// <summary>Takes an entry of the list, or a piece of a file.</summary>
    /// <exception cref="GantryException">Invalid: against the protocol, or the tree refuses it.</exception>
    public void Take(Packet packet)
    {
        switch (packet.Type)
        {
            case Packet.Types.PacketType.PacketStat when _listed:
                throw GantryException.Of(ErrorKind.Invalid, "the client sent a file after the end of its list");
            case Packet.Types.PacketType.PacketStat when packet.Stat is null:
                _listed = true;
                break;
            case Packet.Types.PacketType.PacketStat:
                var entry = EntryOf(packet.Stat);
                var id = _number++;
                if (_tree.Put(entry))
                    _wanted.Enqueue((id, entry));
                break;
            case Packet.Types.PacketType.PacketData:
                Write(packet);
                break;
            default:
                throw GantryException.Of(ErrorKind.Invalid, $"the client sent a packet of type {(int)packet.Type}, which only receivers send");
        }
    }

    /// <summary>Opens the next file that is wanted: the client is to be asked for it.</summary>
    public bool TryBegin(out uint id)
    {
        id = 0;
        if (!_wanted.TryDequeue(out var next))
            return false;
        id = next.Id;
        _underWay[id] = (next.Entry, _tree.OpenContent(next.Entry));
        return true;
    }

    /// <summary>Removes what the client does not have.</summary>
    public void Finish() => _tree.Finish();

    public void Dispose()
    {
        foreach (var (_, file) in _underWay.Values)
            file.Dispose();
        _tree.Dispose();
    }

    private static MirrorEntry EntryOf(Stat stat) => new()
    {
        Path = stat.Path,
        Kind = FileModeBits.KindOf(stat.Mode),
        Permissions = FileModeBits.PermissionsOf(stat.Mode),
        Size = stat.Size,
        Modified = new FileTime(Math.DivRem(stat.ModTime, 1_000_000_000, out var rest) - (rest < 0 ? 1 : 0), rest < 0 ? rest + 1_000_000_000 : rest),
        LinkName = stat.Linkname,
        Xattrs = stat.Xattrs.ToDictionary(static x => x.Key, static x => x.Value.ToByteArray()),
    };

    private void Write(Packet packet)
    {
        if (!_underWay.TryGetValue(packet.ID, out var target))
            throw GantryException.Of(ErrorKind.Invalid, $"the client sent content of file {packet.ID}, which was not asked for");
        if (!packet.Data.IsEmpty)
        {
            MirrorTree.Write(target.Entry, target.File, packet.Data.Span);
            return;
        }

        _underWay.Remove(packet.ID);
        using (target.File)
            MirrorTree.Seal(target.Entry, target.File);
    }
}

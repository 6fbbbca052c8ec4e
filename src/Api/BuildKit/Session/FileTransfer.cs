using Gantry.Api.BuildKit.Wire.Files;
using Gantry.Archive;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Google.Protobuf;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Session;

/// <summary>The protocol by which trees of files travel: lists first, then the contents that are asked for.</summary>
/// <remarks>
/// <code>
///  sender                          receiver
///  STAT a  STAT b  …  STAT (none)  →
///                                  ←  REQ 1   (the file that came as number 1, from 0)
///  DATA 1 …  DATA 1 (empty)        →
///                                  ←  FIN
///  FIN                             →
/// </code>
/// Source: tonistiigi/fsutil send.go, receive.go; their types are wire.proto's.
/// </remarks>
internal static class FileTransfer
{
    /// <summary>Files whose content is on its way at a time; each is open.</summary>
    private const int MostAtOnce = 32;

    /// <summary>Names of one list that are kept.</summary>
    private const int MostListed = 10_000;

    /// <summary>Of content in one packet, as the other side has it.</summary>
    private const int PieceBytes = 32 << 10;

    /// <summary>Makes a directory like the one that is sent. False: it was already, but for times.</summary>
    /// <exception cref="GantryException">Invalid, Exhausted: see <see cref="MirrorTree"/>; or the client could not read its files.</exception>
    public static async Task<bool> ReceiveAsync(IAsyncStreamReader<Packet> packets, IClientStreamWriter<Packet> answers, string directory, Action<long>? progress, CancellationToken cancellationToken)
    {
        using var receiver = new FileReceiver(directory);
        long bytes = 0;
        var ended = false;
        while (await packets.MoveNext(cancellationToken))
        {
            var packet = packets.Current;
            bytes += packet.CalculateSize();
            progress?.Invoke(bytes);
            if (packet.Type == Packet.Types.PacketType.PacketFin)
                return receiver.Changed;
            if (packet.Type == Packet.Types.PacketType.PacketErr)
                throw GantryException.Of(ErrorKind.Invalid, $"the client cannot send its files: {packet.Data.ToStringUtf8()}");
            receiver.Take(packet);
            while (receiver.UnderWay < MostAtOnce && receiver.TryBegin(out var id))
                await answers.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketReq, ID = id }, cancellationToken);
            if (ended || !receiver.IsComplete)
                continue;
            ended = true;
            receiver.Finish();
            await answers.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketFin }, cancellationToken);
        }

        throw GantryException.Of(ErrorKind.Unavailable, "the client ended the connection while it sent its files");
    }

    /// <summary>The paths that would be sent: the list alone, no contents.</summary>
    /// <exception cref="GantryException">Invalid: the client could not read its files.</exception>
    public static async Task<IReadOnlyList<string>> ListAsync(IAsyncStreamReader<Packet> packets, IClientStreamWriter<Packet> answers, CancellationToken cancellationToken)
    {
        List<string> names = [];
        while (await packets.MoveNext(cancellationToken))
        {
            var packet = packets.Current;
            switch (packet.Type)
            {
                case Packet.Types.PacketType.PacketFin:
                    return names;
                case Packet.Types.PacketType.PacketErr:
                    throw GantryException.Of(ErrorKind.Invalid, $"the client cannot list its files: {packet.Data.ToStringUtf8()}");
                case Packet.Types.PacketType.PacketStat when packet.Stat is null:
                    await answers.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketFin }, cancellationToken);
                    break;
                case Packet.Types.PacketType.PacketStat when names.Count < MostListed:
                    names.Add(packet.Stat.Path);
                    break;
            }
        }

        return names;
    }

    /// <summary>Sends a directory to one who makes a directory like it.</summary>
    public static async Task SendAsync(IAsyncStreamReader<Packet> requests, IClientStreamWriter<Packet> packets, string directory, CancellationToken cancellationToken)
    {
        using var listing = new TreeListing(directory);
        // What the other side may ask for; it does so while the list is still sent, which the connection's buffers hold.
        var contents = new Dictionary<uint, string>();
        uint number = 0;
        foreach (var (entry, status) in listing.List())
        {
            if (entry.Kind == InodeStatus.KindRegular)
                contents[number] = entry.Path;
            number++;
            await packets.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketStat, Stat = StatOf(entry, status) }, cancellationToken);
        }

        await packets.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketStat }, cancellationToken);
        while (await requests.MoveNext(cancellationToken))
        {
            var request = requests.Current;
            switch (request.Type)
            {
                case Packet.Types.PacketType.PacketReq when contents.Remove(request.ID, out var path):
                    await SendContentAsync(listing, path, request.ID, packets, cancellationToken);
                    break;
                case Packet.Types.PacketType.PacketFin:
                    await packets.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketFin }, cancellationToken);
                    return;
                case Packet.Types.PacketType.PacketErr:
                    throw GantryException.Of(ErrorKind.Invalid, $"the client cannot take the files: {request.Data.ToStringUtf8()}");
                default:
                    throw GantryException.Of(ErrorKind.Invalid, $"the client asked for file {request.ID}, which was not offered");
            }
        }
    }

    private static async Task SendContentAsync(TreeListing listing, string path, uint id, IClientStreamWriter<Packet> packets, CancellationToken cancellationToken)
    {
        using var file = listing.OpenContent(path);
        var buffer = new byte[PieceBytes];
        for (long offset = 0; ;)
        {
            var count = Inodes.ReadAt(file, buffer, offset);
            if (count < 0)
                throw new SyscallException("pread", -count, path);
            // The packet without data is the end.
            await packets.WriteAsync(new Packet { Type = Packet.Types.PacketType.PacketData, ID = id, Data = ByteString.CopyFrom(buffer, 0, count) }, cancellationToken);
            if (count == 0)
                return;
            offset += count;
        }
    }

    private static Stat StatOf(MirrorEntry entry, InodeStatus status)
    {
        var stat = new Stat
        {
            Path = entry.Path,
            Mode = FileModeBits.Of(entry.Kind, entry.Permissions),
            Uid = status.Uid,
            Gid = status.Gid,
            Size = entry.Kind == InodeStatus.KindRegular ? entry.Size : 0,
            ModTime = entry.Modified.Seconds * 1_000_000_000 + entry.Modified.Nanoseconds,
            Linkname = entry.LinkName,
            Devmajor = status.Device.Major,
            Devminor = status.Device.Minor,
        };
        foreach (var (name, value) in entry.Xattrs)
            stat.Xattrs[name] = ByteString.CopyFrom(value);
        return stat;
    }
}

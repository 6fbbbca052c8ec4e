using Gantry.Api.BuildKit.Session;
using Gantry.Api.BuildKit.Wire.Files;
using Gantry.Model;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Kind = Gantry.Api.BuildKit.Wire.Files.Packet.Types.PacketType;

namespace Gantry.Tests.Unit.Api.BuildKit;

/// <summary>Clients that do not keep to the protocol of files, or would have others' files written.</summary>
public sealed class FileTransferTests : IDisposable
{
    private const uint Directory = 1u << 31;
    private const uint Symlink = 1u << 27;
    private readonly string _root = global::System.IO.Directory.CreateTempSubdirectory("transfer-").FullName;

    public void Dispose() => global::System.IO.Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task FilesAreAskedForByTheirNumbers()
    {
        var client = new Client(
            Stat("a", 0x1A4, 2), Stat("b", Directory | 0x1ED, 0), Stat("b/c", 0x1C0, 1), new Packet(),
            Data(2, "x"), Data(2, ""), Data(0, "o"), Data(0, "k"), Data(0, ""), new Packet { Type = Kind.PacketFin });

        await client.SendAsync(_root);

        Assert.Equal([(Kind.PacketReq, 0u), (Kind.PacketReq, 2u), (Kind.PacketFin, 0u)], client.Answers.Select(a => (a.Type, a.ID)));
        Assert.Equal("ok", await File.ReadAllTextAsync(Path.Combine(_root, "a")));
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(_root, "b/c")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_root, "b/c")));
    }

    [Fact]
    public async Task ContentThatNobodyAskedForIsRefused()
    {
        await RefusesAsync("not asked for", Stat("a", 0x1A4, 2), Data(7, "x"));
        await RefusesAsync("not asked for", Stat("a", 0x1A4, 2), Data(0, "ab"), Data(0, ""), Data(0, "more"));
        await RefusesAsync("not asked for", Stat("d", Directory | 0x1ED, 0), Data(0, "x"));
    }

    [Fact]
    public async Task WhatIsAgainstTheProtocolIsRefused()
    {
        await RefusesAsync("after the end", Stat("a", 0x1A4, 1), new Packet(), Stat("b", 0x1A4, 0));
        await RefusesAsync("only receivers", new Packet { Type = Kind.PacketReq });
        await RefusesAsync("type 99", new Packet { Type = (Kind)99 });
        await RefusesAsync("no access", new Packet { Type = Kind.PacketErr, Data = ByteString.CopyFromUtf8("no access") });
        await RefusesAsync("ended the connection", Stat("a", 0x1A4, 5), new Packet(), Data(0, "x"));
    }

    [Fact]
    public async Task NothingIsWrittenOutside()
    {
        var outside = global::System.IO.Directory.CreateTempSubdirectory("outside-").FullName;
        await RefusesAsync("no path inside", Stat("../x", 0x1A4, 0));
        await RefusesAsync("not sent before", Link("l", outside), Stat("l/x", 0x1A4, 1));
        await RefusesAsync("was sent twice", Link("l", outside), Stat("l", Directory | 0x1ED, 0));
        await RefusesAsync("another name", new Packet { Stat = new Stat { Path = "h", Mode = 0x1A4, Linkname = "../../etc/passwd" } });
        await RefusesAsync("device", new Packet { Stat = new Stat { Path = "d", Mode = (1u << 26) | (1u << 21), Devmajor = 1, Devminor = 3 } });
        Assert.Empty(global::System.IO.Directory.EnumerateFileSystemEntries(outside));
        global::System.IO.Directory.Delete(outside);
    }

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(-1, -1)]
    public async Task AbsurdSizesAndTimesHarmNobody(long size, long time)
    {
        var client = new Client(new Packet { Stat = new Stat { Path = "a", Mode = 0x1A4, Size = size, ModTime = time } }, new Packet(), Data(0, "x"), Data(0, ""), new Packet { Type = Kind.PacketFin });
        await client.SendAsync(_root);
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(_root, "a")));
    }

    private async Task RefusesAsync(string words, params Packet[] packets)
    {
        var refused = await Assert.ThrowsAsync<GantryException>(() => new Client(packets).SendAsync(_root));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private static Packet Stat(string path, uint mode, long size) => new() { Stat = new Stat { Path = path, Mode = mode, Size = size, ModTime = 1_600_000_000_000_000_000 } };

    private static Packet Link(string path, string target) => new() { Stat = new Stat { Path = path, Mode = Symlink | 0x1FF, Linkname = target } };

    private static Packet Data(uint id, string text) => new() { Type = Kind.PacketData, ID = id, Data = ByteString.CopyFromUtf8(text) };

    /// <summary>Sends packets in their order, whatever is asked of it.</summary>
    private sealed class Client(params Packet[] packets) : IAsyncStreamReader<Packet>, IClientStreamWriter<Packet>
    {
        private int _next = -1;

        public List<Packet> Answers { get; } = [];

        public Packet Current => packets[_next];

        public WriteOptions? WriteOptions { get; set; }

        public Task SendAsync(string directory) => FileTransfer.ReceiveAsync(this, this, directory, null, CancellationToken.None);

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(++_next < packets.Length);

        public Task WriteAsync(Packet message)
        {
            Answers.Add(message);
            return Task.CompletedTask;
        }

        public Task WriteAsync(Packet message, CancellationToken cancellationToken) => WriteAsync(message);

        public Task CompleteAsync() => Task.CompletedTask;
    }
}

using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Sys;
using Xunit;

namespace Gantry.Tests.Unit.Archive;

/// <summary>What the writer writes, read by our reader and by .NET's own.</summary>
public sealed class TarWriterTests
{
    private static readonly byte[] s_content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789", 300)));

    public static TheoryData<string> Names =>
    [
        "plain",
        new string('a', 100),
        new string('d', 120) + "/" + new string('f', 90),
        new string('x', 300),
        "ümlaut/日本語",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void NamesOfAnyLengthComeBack(string name)
    {
        var entry = File(name);
        var read = Assert.Single(ReadBack(Write(entry)));
        Assert.Equal(name, Encoding.UTF8.GetString(read.Entry.Name));
        Assert.Equal(s_content, read.Content);
        using var foreign = new global::System.Formats.Tar.TarReader(new MemoryStream(Write(entry)));
        Assert.Equal(name, foreign.GetNextEntry()!.Name);
    }

    [Fact]
    public void WhatDoesNotFitIntoTheFieldsComesBack()
    {
        var entry = File("f");
        entry.Uid = 3_000_000_000;
        entry.Gid = 2_097_152;
        entry.Mode = 0xFFF;
        entry.Modified = new(-2, 250_000_000);
        entry.Xattrs = [new("user.note", [1, 2, 0, 10]), new("security.capability", [7])];
        var read = Assert.Single(ReadBack(Write(entry))).Entry;
        Assert.Equal((3_000_000_000u, 2_097_152u, 0xFFFu), (read.Uid, read.Gid, read.Mode));
        Assert.Equal(new FileTime(-2, 250_000_000), read.Modified);
        Assert.Equal(["user.note", "security.capability"], read.Xattrs!.Select(x => x.Key));
        Assert.Equal([1, 2, 0, 10], read.Xattrs![0].Value);
    }

    [Fact]
    public void EveryKindComesBack()
    {
        TarEntry[] entries =
        [
            new() { Kind = TarEntryKind.Directory, Name = "d/"u8.ToArray(), Mode = 0x1ED },
            new() { Kind = TarEntryKind.Symlink, Name = "d/link"u8.ToArray(), LinkName = Encoding.ASCII.GetBytes("/" + new string('t', 200)) },
            new() { Kind = TarEntryKind.HardLink, Name = "d/hard"u8.ToArray(), LinkName = "f"u8.ToArray() },
            new() { Kind = TarEntryKind.Fifo, Name = "p"u8.ToArray() },
            new() { Kind = TarEntryKind.CharacterDevice, Name = "c"u8.ToArray(), DeviceMajor = 1, DeviceMinor = 1_048_575 },
            new() { Kind = TarEntryKind.BlockDevice, Name = "b"u8.ToArray(), DeviceMajor = 4095, DeviceMinor = 3 },
        ];
        var read = ReadBack(Write(entries)).ConvertAll(r => r.Entry);
        Assert.Equal(entries.Select(e => (e.Kind, Encoding.ASCII.GetString(e.Name), Encoding.ASCII.GetString(e.LinkName), e.DeviceMajor, e.DeviceMinor)), read.Select(e => (e.Kind, Encoding.ASCII.GetString(e.Name), Encoding.ASCII.GetString(e.LinkName), e.DeviceMajor, e.DeviceMinor)));
    }

    [Fact]
    public void HolesAreNotWritten()
    {
        var entry = File("holes");
        entry.Size = 1L << 40;
        entry.Sparse = [new(4096, 1000), new((1L << 40) - 2000, 2000)];
        var archive = Write(entry);
        Assert.InRange(archive.Length, 3000, 10_240);
        var read = Assert.Single(ReadBack(archive));
        Assert.Equal((1L << 40, 3000L), (read.Entry.Size, read.Entry.StoredSize));
        Assert.Equal("holes", Encoding.ASCII.GetString(read.Entry.Name));
        Assert.Equal(entry.Sparse, read.Entry.Sparse);
        Assert.Equal(s_content, read.Content);
    }

    [Fact]
    public void AnEntryThatLacksContentIsNoArchive()
    {
        var writer = new TarWriter(Stream.Null);
        writer.Begin(File("short"));
        writer.Content("abc"u8);
        Assert.Throws<InvalidOperationException>(writer.Finish);
    }

    private static TarEntry File(string name) => new() { Kind = TarEntryKind.File, Name = Encoding.UTF8.GetBytes(name), Mode = 0x1A4, Size = s_content.Length, StoredSize = s_content.Length };

    private static byte[] Write(params TarEntry[] entries)
    {
        var archive = new MemoryStream();
        // A buffer that is smaller than the content, so that it is filled again and again.
        var writer = new TarWriter(archive, 1);
        foreach (var entry in entries)
        {
            writer.Begin(entry);
            if (entry.Kind == TarEntryKind.File)
                writer.Content(s_content);
        }

        writer.Finish();
        Assert.Equal(archive.Length, writer.Written);
        Assert.Equal(0, archive.Length % 512);
        return archive.ToArray();
    }

    private static List<(TarEntry Entry, byte[] Content)> ReadBack(byte[] archive)
    {
        using var reader = new TarReader(new MemoryStream(archive));
        var read = new List<(TarEntry, byte[])>();
        while (reader.Next() is { } entry)
        {
            using var content = new MemoryStream();
            reader.OpenContent().CopyTo(content);
            read.Add((entry, content.ToArray()));
        }

        return read;
    }
}

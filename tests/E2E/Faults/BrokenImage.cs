using System.Formats.Tar;
using System.Text;

namespace Gantry.Tests.E2E.Faults;

/// <summary>A filesystem with a shell and with programs that cannot run, each for a reason of its own.</summary>
public static class BrokenImage
{
    /// <summary>Writes it as a tar archive, for <c>import</c>.</summary>
    public static async Task WriteAsync(string path)
    {
        await using var file = File.Create(path);
        await using var tar = new TarWriter(file);
        Add(tar, "bin/busybox", await File.ReadAllBytesAsync("/bin/busybox"));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/sh") { LinkName = "busybox" });
        Add(tar, "bin/crlf", Encoding.ASCII.GetBytes("#!/bin/sh\r\necho never\r\n"));
        Add(tar, "bin/no-interpreter", Encoding.ASCII.GetBytes("#!/usr/bin/python9\nprint('never')\n"));
        Add(tar, "bin/no-shebang", Encoding.ASCII.GetBytes("echo never\n"));
        Add(tar, "bin/not-executable", Encoding.ASCII.GetBytes("#!/bin/sh\necho never\n"), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Add(tar, "bin/other-arch", ElfFor(machine: 183));
        Add(tar, "bin/no-loader", DynamicElf());
    }

    private static void Add(TarWriter tar, string name, byte[] content, UnixFileMode mode = (UnixFileMode)0x1ED)
    {
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = mode, DataStream = new MemoryStream(content) });
    }

    // An ELF header alone: enough for the kernel to refuse it. Source: elf(5).
    private static byte[] ElfFor(ushort machine)
    {
        var elf = new byte[64];
        "\u007fELF"u8.CopyTo(elf);
        (elf[4], elf[5], elf[6]) = (2, 1, 1);
        BitConverter.TryWriteBytes(elf.AsSpan(16), (ushort)2);
        BitConverter.TryWriteBytes(elf.AsSpan(18), machine);
        BitConverter.TryWriteBytes(elf.AsSpan(20), 1);
        BitConverter.TryWriteBytes(elf.AsSpan(52), (ushort)64);
        return elf;
    }

    // A program for this machine that asks for a loader that the image does not have.
    private static byte[] DynamicElf() => File.ReadAllBytes("/bin/true");
}

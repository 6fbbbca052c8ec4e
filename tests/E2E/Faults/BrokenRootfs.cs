using System.Formats.Tar;
using System.Text;

namespace Gantry.Tests.E2E.Faults;

/// <summary>A filesystem with busybox's commands, a user, and programs that cannot run, each for a reason of its own.</summary>
internal static class BrokenRootfs
{
    private static readonly string[] s_commands = ["sh", "cat", "chown", "dd", "hostname", "httpd", "mount", "nc", "sleep", "tail", "touch", "wget"];

    private const UnixFileMode Executable = (UnixFileMode)0x1ED, Plain = (UnixFileMode)0x1A4;

    /// <summary>Writes it as a tar archive, for <c>import</c>.</summary>
    public static async Task WriteAsync(string path)
    {
        await using var file = File.Create(path);
        await using var tar = new TarWriter(file);
        Add(tar, "bin/busybox", await File.ReadAllBytesAsync("/bin/busybox"));
        foreach (var command in s_commands)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{command}") { LinkName = "busybox" });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "mnt") { Mode = Executable });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tmp") { Mode = (UnixFileMode)0x1FF });
        Add(tar, "etc/passwd", "root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/:/bin/sh\n"u8, Plain);
        Add(tar, "etc/group", "root:x:0:\napp:x:1000:\n"u8, Plain);
        Add(tar, "opt/tool", "#!/bin/sh\necho never\n"u8);
        Add(tar, "bin/crlf", "#!/bin/sh\r\necho never\r\n"u8);
        Add(tar, "bin/crlf-body", "#!/bin/sh\necho begin\nnever\r\n"u8);
        Add(tar, "bin/bash-only", "#!/bin/sh\nwords=(a b)\n"u8);
        Add(tar, "bin/no-interpreter", "#!/usr/bin/python9\nprint('never')\n"u8);
        Add(tar, "bin/no-shebang", "echo never\n"u8);
        Add(tar, "bin/not-executable", "#!/bin/sh\necho never\n"u8, Plain);
        Add(tar, "bin/empty", []);
        Add(tar, "bin/app.exe", [.. "MZ"u8, .. new byte[100]]);
        Add(tar, "bin/app.mac", [0xCF, 0xFA, 0xED, 0xFE, .. new byte[100]]);
        Add(tar, "bin/marked", [0xEF, 0xBB, 0xBF, .. "#!/bin/sh\necho never\n"u8]);
        Add(tar, "bin/other-arch", ElfFor(machine: 183));
        Add(tar, "bin/damaged", ElfFor(machine: 62));
        Add(tar, "bin/no-loader", await File.ReadAllBytesAsync("/bin/true"));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "closed") { Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute });
        Add(tar, "closed/tool", "#!/bin/sh\necho never\n"u8);
    }

    /// <summary>Writes one that has a program and its loader, but not the library that they need.</summary>
    public static async Task WriteWithoutLibraryAsync(string path)
    {
        await using var file = File.Create(path);
        await using var tar = new TarWriter(file);
        Add(tar, "bin/true", await File.ReadAllBytesAsync("/bin/true"));
        Add(tar, "lib64/ld-linux-x86-64.so.2", await File.ReadAllBytesAsync("/lib64/ld-linux-x86-64.so.2"));
    }

    private static void Add(TarWriter tar, string name, ReadOnlySpan<byte> content, UnixFileMode mode = Executable) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = mode, DataStream = new MemoryStream(content.ToArray()) });

    // An ELF header alone: enough for the kernel to refuse it. Source: elf(5).
    private static byte[] ElfFor(ushort machine)
    {
        var elf = new byte[64];
        Encoding.Latin1.GetBytes("\u007fELF").CopyTo(elf, 0);
        (elf[4], elf[5], elf[6]) = (2, 1, 1);
        BitConverter.TryWriteBytes(elf.AsSpan(16), (ushort)2);
        BitConverter.TryWriteBytes(elf.AsSpan(18), machine);
        BitConverter.TryWriteBytes(elf.AsSpan(20), 1);
        BitConverter.TryWriteBytes(elf.AsSpan(52), (ushort)64);
        return elf;
    }
}

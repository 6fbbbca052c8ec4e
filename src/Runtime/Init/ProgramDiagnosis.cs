using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Init;

/// <summary>
/// Says why a program could not be executed, by looking at it inside the container's root after the kernel refused. The first
/// words are those that Docker's clients parse; what follows them is for people.
/// </summary>
internal static class ProgramDiagnosis
{
    private const int HeadBytes = 4096;

    /// <summary>The sentence.</summary>
    /// <param name="process">What was to run.</param>
    /// <param name="root">The container's root; null when it cannot be looked at.</param>
    /// <param name="errno">What execve said.</param>
    public static string Describe(RuntimeProcess process, Fd? root, int errno)
    {
        var name = process.Args.Count > 0 ? process.Args[0] : "";
        var plain = $"exec: \"{name}\": {(name.Contains('/', StringComparison.Ordinal) && errno == Errno.ENOENT ? $"stat {name}: " : "")}{Errno.Text(errno)}";
        var searched = !name.Contains('/', StringComparison.Ordinal);
        if (searched && errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES && (root is null || FindFile(process, root) is null))
            return NotFound(process, name);
        try
        {
            return root is null ? plain : Look(process, root, errno, name, plain);
        }
        catch (SyscallException)
        {
            return plain;
        }
    }

    private static string NotFound(RuntimeProcess process, string name)
    {
        var path = ProgramSearch.Variable(process.Env, "PATH");
        return string.IsNullOrEmpty(path)
            ? $"exec: \"{name}\": executable file not found in $PATH: PATH is not set: give the program's full path"
            : $"exec: \"{name}\": executable file not found in $PATH";
    }

    private static string Look(RuntimeProcess process, Fd root, int errno, string name, string plain)
    {
        if (FindFile(process, root) is not { } path) return plain;
        using var program = SafePath.OpenInRoot(root, path, OpenFlags.O_PATH);
        var status = Files.Status(program);
        if (status.IsDirectory) return $"exec: \"{name}\": is a directory: permission denied";
        if (errno == Errno.EACCES)
        {
            return (status.Mode & 0x49) == 0
                ? $"exec: \"{name}\": permission denied: {path} is not marked executable: chmod +x it in the image, or run its interpreter with it as argument"
                : $"exec: \"{name}\": permission denied: {path} or a directory above it cannot be executed by user {process.User.Uid}, or is on a file system mounted noexec";
        }

        if (SafePath.TryOpenInRoot(root, path, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY, 0, out var content) < 0) return plain;
        using (content)
        {
            if (!Files.Status(content!).IsRegular) return plain;
            var head = new byte[HeadBytes];
            var length = Files.Read(content!, head);
            return DescribeContent(name, path, head.AsSpan(0, length), errno, candidate => SafePath.FindStatus(root, candidate) is not null) ?? plain;
        }
    }

    /// <summary>What the first bytes of a program tell; null: nothing.</summary>
    /// <param name="exists">Whether a path exists in the container.</param>
    internal static string? DescribeContent(string name, string path, ReadOnlySpan<byte> head, int errno, Func<string, bool> exists)
    {
        if (head.StartsWith("#!"u8)) return DescribeScript(name, path, head, errno, exists);
        if (head.StartsWith("\u007fELF"u8)) return DescribeElf(name, path, head, errno, exists);
        if (errno != Errno.ENOEXEC) return null;
        if (head.IsEmpty) return $"exec: \"{name}\": exec format error: {path} is empty";
        if (head.StartsWith("MZ"u8)) return $"exec: \"{name}\": exec format error: {path} is a Windows program, not a Linux one";
        if (head.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(head) is 0xfeedfacf or 0xfeedface or 0xbebafeca)
            return $"exec: \"{name}\": exec format error: {path} is a macOS program, not a Linux one";
        return head.StartsWith("\u00ef\u00bb\u00bf"u8) || (head.Length > 4 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF && head[3] == '#')
            ? $"exec: \"{name}\": exec format error: {path} begins with a byte order mark before #!: save it as UTF-8 without one"
            : $"exec: \"{name}\": exec format error: {path} is neither a program nor a script with a #! line: begin it with one, like #!/bin/sh";
    }

    private static string? DescribeScript(string name, string path, ReadOnlySpan<byte> head, int errno, Func<string, bool> exists)
    {
        var end = head.IndexOf((byte)'\n');
        var line = Encoding.UTF8.GetString(end < 0 ? head[2..] : head[2..end]);
        var carriageReturn = line.EndsWith('\r');
        var interpreter = line.TrimEnd('\r').Trim(' ', '\t').Split(' ', '\t')[0];
        if (errno == Errno.ENOENT && carriageReturn)
            return $"exec: \"{name}\": no such file or directory: the #! line of {path} ends in a carriage return (Windows line ending), so the kernel looks for \"{Printable(interpreter)}\\r\": convert it with dos2unix or sed -i 's/\\r$//'";
        if (errno == Errno.ENOENT && interpreter.Length > 0 && !exists(interpreter))
            return $"exec: \"{name}\": no such file or directory: the interpreter \"{Printable(interpreter)}\" in the #! line of {path} is not in the container: install it, or correct the line";
        if (errno == Errno.ENOEXEC && interpreter.Length == 0) return $"exec: \"{name}\": exec format error: the #! line of {path} names no interpreter";
        return null;
    }

    private static string? DescribeElf(string name, string path, ReadOnlySpan<byte> head, int errno, Func<string, bool> exists)
    {
        if (head.Length < 64) return null;
        var machine = BinaryPrimitives.ReadUInt16LittleEndian(head[18..]);
        if (errno == Errno.ENOEXEC)
        {
            var here = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
            var there = MachineName(machine);
            return there == here
                ? $"exec: \"{name}\": exec format error: {path} is damaged or not an executable"
                : $"exec: \"{name}\": exec format error: {path} is for {there}, and this machine is {here}: use an image for linux/{here} (--platform), or install qemu-user-static";
        }

        if (errno != Errno.ENOENT || head[4] != 2 || Interpreter(head) is not { } loader || exists(loader)) return null;
        return $"exec: \"{name}\": no such file or directory: {path} needs the loader \"{Printable(loader)}\", which is not in the container: it was built for another libc (glibc or musl): link it statically, or use a base image with that loader";
    }

    // The PT_INTERP segment of a 64-bit little-endian ELF file, when it lies in the first bytes, as linkers place it.
    private static string? Interpreter(ReadOnlySpan<byte> head)
    {
        const int EntrySize = 56;
        var table = BinaryPrimitives.ReadUInt64LittleEndian(head[32..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(head[56..]);
        for (var i = 0; i < count; i++)
        {
            var at = table + ((ulong)i * EntrySize);
            if (at + EntrySize > (ulong)head.Length) return null;
            var entry = head.Slice((int)at, EntrySize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != 3) continue;
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            var size = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            if (size is < 2 or > 255 || offset > (ulong)head.Length || offset + size > (ulong)head.Length) return null;
            return Encoding.UTF8.GetString(head.Slice((int)offset, (int)size - 1));
        }

        return null;
    }

    private static string MachineName(int machine) => machine switch
    {
        3 => "386",
        8 => "mips",
        20 or 21 => "ppc64le",
        22 => "s390x",
        40 => "arm",
        62 => "amd64",
        183 => "arm64",
        243 => "riscv64",
        258 => "loong64",
        _ => $"another machine (ELF {machine})",
    };

    private static string? FindFile(RuntimeProcess process, Fd root)
    {
        foreach (var candidate in ProgramSearch.Candidates(process))
        {
            var path = candidate.StartsWith('/') ? candidate : $"{process.Cwd.TrimEnd('/')}/{candidate}";
            if (SafePath.FindStatus(root, path) is not null) return path;
        }

        return null;
    }

    // The text comes from the image: no escape sequence of its makers reaches a terminal.
    private static string Printable(string text) => new([.. text.Take(200).Select(c => char.IsControl(c) ? '?' : c)]);
}

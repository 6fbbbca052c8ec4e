using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>Compiled filters on disk, by their profile. A damaged entry is compiled anew, never used.</summary>
/// <remarks>
/// An entry is: magic (8 bytes), seccomp flags (4, little-endian), length of the profile (4), the profile as <see cref="Encode"/>
/// writes it, the program, and a checksum (8) of all before. It is written under another name and renamed; not synced, as the
/// checksum tells a torn one. The file's name is a checksum of the profile too, but what decides is the profile itself, compared
/// byte by byte. Only files of our own user that nobody else may write are read: a filter that somebody slipped in would be a hole.
/// <para>NOTE: no SHA-256: it would load OpenSSL into each monitor, 1.6 MiB of memory and milliseconds of every launch.</para>
/// </remarks>
/// <param name="directory">Where they are kept, made when missing with mode 0700; null compiles each time.</param>
public sealed class SeccompCache(string? directory)
{
    // Raised whenever the compiler's answers change: entries of older compilers are then not found.
    private const string CompilerVersion = "gantry-seccomp-1";
    private const int ChecksumLength = 8;
    private const int HeaderLength = 16;
    private const int LimitBytes = 1 << 20;
    private static readonly byte[] _magic = "GTRYBPF2"u8.ToArray();

    /// <summary>The filter for a profile, from the cache when it is there. A cache that cannot be written is no error.</summary>
    /// <exception cref="Model.GantryException">Invalid: the profile cannot be compiled.</exception>
    public SeccompFilter Get(LinuxSeccomp seccomp)
    {
        if (directory is null)
            return SeccompCompiler.Compile(seccomp);
        var profile = Encode(seccomp);
        var path = $"{directory}/{Checksum(profile):x16}.bpf";
        if (Read(path, profile) is { } known)
            return known;
        var filter = SeccompCompiler.Compile(seccomp);
        Write(directory, path, filter, profile);
        return filter;
    }

    /// <summary>Everything that the compiled filter depends on, as bytes that no other profile has.</summary>
    internal static ReadOnlySpan<byte> Encode(LinuxSeccomp seccomp)
    {
        var bytes = new ArrayBufferWriter<byte>(16 << 10);
        Text(CompilerVersion);
        Text(SeccompArchitecture.Native.Name);
        Text(seccomp.DefaultAction);
        Optional(seccomp.DefaultErrnoRet);
        Texts(seccomp.Architectures);
        Texts(seccomp.Flags);
        // Whom to notify is not part of the filter, but whether there is somebody decides if it compiles.
        Number(string.IsNullOrEmpty(seccomp.ListenerPath) ? 0UL : 1);
        Number((ulong)(seccomp.Syscalls?.Count ?? 0));
        foreach (var rule in seccomp.Syscalls ?? [])
        {
            Texts(rule.Names);
            Text(rule.Action);
            Optional(rule.ErrnoRet);
            Number((ulong)(rule.Args?.Count ?? 0));
            foreach (var arg in rule.Args ?? [])
            {
                Number(arg.Index);
                Number(arg.Value);
                Optional(arg.ValueTwo);
                Text(arg.Op);
            }
        }

        return bytes.WrittenSpan;

        // Lengths are written too, so that no two profiles make the same bytes.
        void Text(string text)
        {
            Number((ulong)Encoding.UTF8.GetByteCount(text));
            Encoding.UTF8.GetBytes(text, bytes);
        }

        void Texts(IReadOnlyList<string>? texts)
        {
            Number((ulong)(texts?.Count ?? 0));
            foreach (var text in texts ?? [])
                Text(text);
        }

        void Optional(ulong? value)
        {
            Number(value is null ? 0UL : 1);
            Number(value ?? 0);
        }

        void Number(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(8), value);
            bytes.Advance(8);
        }
    }

    private static SeccompFilter? Read(string path, ReadOnlySpan<byte> profile)
    {
        if (Files.TryOpenAt(null, path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0, out var fd) < 0)
            return null;
        using (fd)
        {
            var status = Files.Status(fd!);
            if (!status.IsRegular || status.Uid != Processes.EffectiveUserId || (status.Mode & 0x12 /* 0022 */) != 0 || status.Size > LimitBytes)
                return null;
            var bytes = Files.ReadToEnd(fd!, LimitBytes);
            var program = bytes.Length - HeaderLength - profile.Length - ChecksumLength;
            if (program < 8 || program % 8 != 0
                || !bytes.AsSpan(0, 8).SequenceEqual(_magic)
                || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12)) != profile.Length
                || !bytes.AsSpan(HeaderLength, profile.Length).SequenceEqual(profile)
                || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(^ChecksumLength..)) != Checksum(bytes.AsSpan(..^ChecksumLength)))
                return null;
            return new(bytes.AsMemory(HeaderLength + profile.Length, program), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        }
    }

    private static void Write(string directory, string path, SeccompFilter filter, ReadOnlySpan<byte> profile)
    {
        var bytes = new byte[HeaderLength + profile.Length + filter.Program.Length + ChecksumLength];
        if (bytes.Length > LimitBytes)
            return;
        _magic.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), filter.Flags);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), profile.Length);
        profile.CopyTo(bytes.AsSpan(HeaderLength));
        filter.Program.Span.CopyTo(bytes.AsSpan(HeaderLength + profile.Length));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(^ChecksumLength..), Checksum(bytes.AsSpan(..^ChecksumLength)));

        var temporary = $"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp";
        var result = Create(temporary, out var fd);
        if (result == -Kernel.Abi.Errno.ENOENT && Files.TryMkdirAt(null, directory, 0x1C0 /* 0700 */) is 0 or -Kernel.Abi.Errno.EEXIST)
            result = Create(temporary, out fd);
        if (result < 0)
            return;
        var written = false;
        using (fd)
            written = Files.TryWrite(fd!, bytes) == bytes.Length;
        // A full disk, say: the next start compiles again.
        if (!written || Files.TryRenameAt(null, temporary, null, path) < 0)
            Files.TryUnlinkAt(null, temporary);
    }

    private static int Create(string path, out Fd? fd) =>
        Files.TryOpenAt(null, path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW, 0x180 /* 0600 */, out fd);

    /// <summary>FNV-1a, 64 bits: against damage, not against an enemy; whoever may write here is root.</summary>
    private static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0xcbf29ce484222325;
        foreach (var value in bytes)
            sum = (sum ^ value) * 0x100000001b3;
        return sum;
    }
}

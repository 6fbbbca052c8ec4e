using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>Compiled filters on disk, by the digest of their profile. A damaged entry is compiled anew, never used.</summary>
/// <remarks>
/// An entry is: magic (8 bytes), seccomp flags (4, little-endian), the program, SHA-256 of all before and of the profile's
/// digest. It is written under another name and renamed; not synced, as the hash tells a torn one. Only files of our own
/// user that nobody else may write are read: a filter that somebody slipped in would be a hole.
/// </remarks>
/// <param name="directory">Where they are kept, made when missing with mode 0700; null compiles each time.</param>
public sealed class SeccompCache(string? directory)
{
    // Raised whenever the compiler's answers change: entries of older compilers are then not found.
    private const string CompilerVersion = "gantry-seccomp-1";
    private const int HashLength = 32;
    private const int HeaderLength = 12;
    private const int LimitBytes = HeaderLength + (4096 * 8) + HashLength;
    private static readonly byte[] _magic = "GTRYBPF1"u8.ToArray();

    /// <summary>The filter for a profile, from the cache when it is there. A cache that cannot be written is no error.</summary>
    /// <exception cref="Model.GantryException">Invalid: the profile cannot be compiled.</exception>
    public SeccompFilter Get(LinuxSeccomp seccomp)
    {
        if (directory is null)
            return SeccompCompiler.Compile(seccomp);
        var digest = DigestOf(seccomp);
        var path = $"{directory}/{Convert.ToHexStringLower(digest)}.bpf";
        if (Read(path, digest) is { } known)
            return known;
        var filter = SeccompCompiler.Compile(seccomp);
        Write(directory, path, filter, digest);
        return filter;
    }

    /// <summary>The digest of everything that the compiled filter depends on.</summary>
    internal static byte[] DigestOf(LinuxSeccomp seccomp)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
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

        return hash.GetHashAndReset();

        // Lengths are hashed too, so that no two profiles make the same bytes.
        void Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Number((ulong)bytes.Length);
            hash.AppendData(bytes);
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
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            hash.AppendData(bytes);
        }
    }

    private static SeccompFilter? Read(string path, byte[] digest)
    {
        if (Files.TryOpenAt(null, path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0, out var fd) < 0)
            return null;
        using (fd)
        {
            var status = Files.Status(fd!);
            if (!status.IsRegular || status.Uid != Processes.EffectiveUserId || (status.Mode & 0x12 /* 0022 */) != 0 || status.Size is < HeaderLength + 8 + HashLength or > LimitBytes)
                return null;
            var bytes = Files.ReadToEnd(fd!, LimitBytes);
            var program = bytes.Length - HeaderLength - HashLength;
            if (program < 8 || program % 8 != 0 || !bytes.AsSpan(0, 8).SequenceEqual(_magic) || !Hash(bytes.AsSpan(..^HashLength), digest).AsSpan().SequenceEqual(bytes.AsSpan(^HashLength..)))
                return null;
            return new(bytes.AsMemory(HeaderLength, program), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        }
    }

    private static void Write(string directory, string path, SeccompFilter filter, byte[] digest)
    {
        var bytes = new byte[HeaderLength + filter.Program.Length + HashLength];
        _magic.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), filter.Flags);
        filter.Program.CopyTo(bytes.AsMemory(HeaderLength));
        Hash(bytes.AsSpan(..^HashLength), digest).CopyTo(bytes.AsSpan(^HashLength..));

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

    private static byte[] Hash(ReadOnlySpan<byte> entry, byte[] digest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(digest);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }
}

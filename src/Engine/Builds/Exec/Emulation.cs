using System.Text;
using Gantry.Distribution;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Which foreign machines' programs the kernel can start here.</summary>
/// <remarks>Source: kernel Documentation/admin-guide/binfmt-misc.rst; elf(5) for the beginning of a program.</remarks>
/// <param name="directory">Where binfmt_misc is mounted.</param>
internal sealed class Emulation(string directory = Emulation.Mounted)
{
    private const string Mounted = "/proc/sys/fs/binfmt_misc";
    private const int HeaderBytes = 20;
    private const int LargestEntry = 4096;

    /// <summary>Architectures as Go names them, with ELF's class, byte order and machine.</summary>
    private static readonly (string Architecture, byte Class, byte Order, ushort Machine)[] s_machines =
    [
        ("386", 1, 1, 3), ("arm", 1, 1, 40), ("amd64", 2, 1, 62), ("arm64", 2, 1, 183), ("ppc64le", 2, 1, 21),
        ("s390x", 2, 2, 22), ("riscv64", 2, 1, 243), ("mips64le", 2, 1, 8), ("loong64", 2, 1, 258),
    ];

    /// <summary>Fails where programs of a platform cannot be started.</summary>
    /// <exception cref="GantryException">NotSupported, with what to install.</exception>
    public void Require(string platform)
    {
        var wanted = PlatformChoice.Parse(platform);
        if (IsNative(wanted.Architecture) || wanted.Os != "linux" || Find(wanted.Architecture) is { StaysOpen: true })
            return;
        var why = Find(wanted.Architecture) is null
            ? "no emulator is registered with binfmt_misc: install one (Debian: apt-get install qemu-user-static binfmt-support)"
            : "its emulator is registered with binfmt_misc without the flag F, so that no container finds it: register it again with that flag (Debian: apt-get install qemu-user-static)";
        throw GantryException.Of(ErrorKind.NotSupported, $"programs for {platform} cannot run on this machine, which is {PlatformChoice.Text(PlatformChoice.Host)}: {why}, or let the stage run here with FROM --platform=$BUILDPLATFORM");
    }

    /// <summary>Platforms whose programs an emulator runs, in containers too.</summary>
    public IReadOnlyList<string> Platforms() =>
        [.. s_machines.Select(static m => m.Architecture).Where(a => !IsNative(a) && Find(a) is { StaysOpen: true }).Select(static a => "linux/" + a)];

    // The 32-bit programs of their own kind run on 64-bit machines as they are.
    private static bool IsNative(string architecture) => architecture == PlatformChoice.Host.Architecture || (PlatformChoice.Host.Architecture, architecture) is ("amd64", "386") or ("arm64", "arm");

    private Entry? Find(string architecture)
    {
        var machine = Array.Find(s_machines, m => m.Architecture == architecture);
        if (machine.Architecture is null || !Directory.Exists(directory))
            return null;
        var program = Beginning(machine.Class, machine.Order, machine.Machine);
        return Directory.EnumerateFiles(directory).Where(static path => Path.GetFileName(path) is not ("register" or "status")).Select(Read).OfType<Entry>().Where(entry => entry.Takes(program)).OrderByDescending(static e => e.StaysOpen).FirstOrDefault();
    }

    private static byte[] Beginning(byte @class, byte order, ushort machine)
    {
        var header = new byte[HeaderBytes];
        "\x7F"u8.CopyTo(header);
        "ELF"u8.CopyTo(header.AsSpan(1));
        (header[4], header[5], header[6]) = (@class, order, 1);
        // An executable's type, then the machine's number.
        var little = order == 1;
        (header[little ? 16 : 17], header[little ? 18 : 19], header[little ? 19 : 18]) = (2, (byte)machine, (byte)(machine >> 8));
        return header;
    }

    private static Entry? Read(string path)
    {
        try
        {
            var lines = Encoding.ASCII.GetString(Files.ReadAll(path, LargestEntry)).Split('\n');
            string Value(string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? line[name.Length..].Trim() : "";
            if (lines[0] != "enabled" || Value("magic ") is not { Length: > 0 } magic || Value("offset ") is not "0")
                return null;
            return new(Convert.FromHexString(magic), Convert.FromHexString(Value("mask ")), Value("flags:").Contains('F', StringComparison.Ordinal));
        }
        catch (Exception e) when (e is SyscallException or FormatException)
        {
            // It was taken away meanwhile.
            return null;
        }
    }

    /// <param name="StaysOpen">The emulator was opened when it was registered: containers need not have it.</param>
    private sealed record Entry(byte[] Magic, byte[] Mask, bool StaysOpen)
    {
        public bool Takes(ReadOnlySpan<byte> program)
        {
            if (Magic.Length > program.Length)
                return false;
            for (var i = 0; i < Magic.Length; i++)
            {
                var mask = i < Mask.Length ? Mask[i] : (byte)0xFF;
                if ((program[i] & mask) != (Magic[i] & mask))
                    return false;
            }

            return true;
        }
    }
}

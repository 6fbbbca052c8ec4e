using System.Runtime.InteropServices;

namespace Gantry.Kernel.Sys;

public static unsafe partial class Spawn
{
    private const short POSIX_SPAWN_SETPGROUP = 0x2;

    /// <summary>
    /// Starts the program that this process's own arguments name, with those behind it, looked for in PATH: in a process
    /// group of its own, which gets the terminal when there is one, with all signals at their defaults and this
    /// process's descriptors and environment.
    /// </summary>
    /// <param name="skip">How many arguments stand before the program's name.</param>
    /// <returns>The child, still to be reaped; or a negative errno.</returns>
    public static int TryStartOwnArguments(int skip)
    {
        // As the kernel has them, byte for byte: managed strings would not survive what is not UTF-8.
        var arguments = Files.ReadAll("/proc/self/cmdline", 64 << 20);
        var environment = Files.ReadAll("/proc/self/environ", 64 << 20);
        var actions = stackalloc byte[Opaque];
        var attributes = stackalloc byte[Opaque];
        var none = stackalloc ulong[16];
        var all = stackalloc ulong[16];
        new Span<ulong>(none, 16).Clear();
        new Span<ulong>(all, 16).Fill(ulong.MaxValue);
        Check(posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        Check(posix_spawnattr_init(attributes), "posix_spawnattr_init");
        Check(posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK), "posix_spawnattr_setflags");
        Check(posix_spawnattr_setsigdefault(attributes, all), "posix_spawnattr_setsigdefault");
        Check(posix_spawnattr_setsigmask(attributes, none), "posix_spawnattr_setsigmask");
        if (isatty(0) == 1)
            Check(posix_spawn_file_actions_addtcsetpgrp_np(actions, 0), "posix_spawn_file_actions_addtcsetpgrp_np");
        fixed (byte* first = arguments, variables = environment)
        {
            var argv = Pointers(first, arguments, skip);
            var envp = Pointers(variables, environment, 0);
            int pid;
            var errno = posix_spawnp(&pid, argv[0], actions, attributes, argv, envp);
            return errno == 0 ? pid : -errno;
        }
    }

    /// <summary>The zero-terminated texts that lie one behind the other, with a null at the end. For ever: the caller has one child and no more.</summary>
    private static byte** Pointers(byte* texts, byte[] bytes, int skip)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)bytes.AsSpan().Count((byte)0) + 1, (nuint)sizeof(byte*));
        var count = 0;
        for (var start = 0; start < bytes.Length; start += bytes.AsSpan(start).IndexOf((byte)0) + 1)
        {
            if (skip-- <= 0)
                array[count++] = texts + start;
        }
        return array;
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnp(int* pid, byte* file, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addtcsetpgrp_np(byte* actions, int terminal);

    [LibraryImport("libc")]
    private static partial int isatty(int file);
}

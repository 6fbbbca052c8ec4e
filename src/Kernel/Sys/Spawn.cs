using System.Runtime.InteropServices;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>Starts a program on the host. Source: posix_spawn(3).</summary>
/// <remarks>
/// NOTE: not System.Diagnostics.Process, which handles SIGCHLD for the whole process and reaps; and not clone, which in a
/// managed process is safe only under the launch rule. glibc's posix_spawn runs nothing of ours in the child.
/// </remarks>
public static unsafe partial class Spawn
{
    private const short POSIX_SPAWN_SETSIGDEF = 0x4;
    private const short POSIX_SPAWN_SETSIGMASK = 0x8;
    private const short POSIX_SPAWN_SETSID = 0x80;
    private const int Opaque = 1024; // larger than posix_spawnattr_t (336) and posix_spawn_file_actions_t (80), glibc and musl

    /// <summary>Starts a program in a session of its own, with all signals at their defaults.</summary>
    /// <param name="path">The file to execute. Not below <c>/proc/self/fd</c>: by then the child has closed it.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    /// <param name="environment">Its whole environment, as <c>NAME=value</c>.</param>
    /// <param name="fds">What the child has as descriptors 0, 1, 2 …; it has no others.</param>
    /// <returns>The child, still to be reaped, and a descriptor for it.</returns>
    public static (int Pid, Fd Process) Start(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyList<Fd> fds)
    {
        var actions = stackalloc byte[Opaque];
        var attributes = stackalloc byte[Opaque];
        var none = stackalloc ulong[16]; // sigset_t: 128 bytes
        var all = stackalloc ulong[16];
        new Span<ulong>(none, 16).Clear();
        new Span<ulong>(all, 16).Fill(ulong.MaxValue);
        byte** argv = null, envp = null;
        Check(posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        Check(posix_spawnattr_init(attributes), "posix_spawnattr_init");
        try
        {
            Check(posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK), "posix_spawnattr_setflags");
            Check(posix_spawnattr_setsigdefault(attributes, all), "posix_spawnattr_setsigdefault");
            Check(posix_spawnattr_setsigmask(attributes, none), "posix_spawnattr_setsigmask");
            MapFds(actions, fds);
            argv = Strings(arguments);
            envp = Strings(environment);
            int pid;
            Check(posix_spawn(&pid, path, actions, attributes, argv, envp), "posix_spawn", path);
            return (pid, Processes.FindPidFd(pid)!); // not reaped, so it is there, if only as a zombie
        }
        finally
        {
            Free(argv);
            Free(envp);
            _ = posix_spawnattr_destroy(attributes);
            _ = posix_spawn_file_actions_destroy(actions);
        }
    }

    /// <summary>Two rounds, so that no source is overwritten before it has been copied.</summary>
    private static void MapFds(byte* actions, IReadOnlyList<Fd> fds)
    {
        var above = fds.Count;
        foreach (var fd in fds)
            above = Math.Max(above, fd.Number + 1);
        for (var i = 0; i < fds.Count; i++)
            Check(posix_spawn_file_actions_adddup2(actions, fds[i].Number, above + i), "posix_spawn_file_actions_adddup2");
        for (var i = 0; i < fds.Count; i++)
            Check(posix_spawn_file_actions_adddup2(actions, above + i, i), "posix_spawn_file_actions_adddup2");
        Check(posix_spawn_file_actions_addclosefrom_np(actions, fds.Count), "posix_spawn_file_actions_addclosefrom_np");
    }

    private static byte** Strings(IReadOnlyList<string> texts)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
            array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return array;
    }

    private static void Free(byte** array)
    {
        if (array is null)
            return;
        for (var i = 0; array[i] is not null; i++)
            Marshal.FreeCoTaskMem((nint)array[i]);
        NativeMemory.Free(array);
    }

    private static void Check(int errno, string call, string? subject = null)
    {
        if (errno != 0)
            throw new SyscallException(call, errno, subject);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, ulong* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, ulong* signals);
}

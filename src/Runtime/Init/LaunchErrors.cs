using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Init;

/// <summary>Turns (step, errno) of a failed launch into a sentence.</summary>
internal static class LaunchErrors
{
    /// <summary>The error for a step that the kernel refused.</summary>
    /// <param name="step">What was being done.</param>
    /// <param name="errno">How the kernel refused.</param>
    /// <param name="process">What was to run.</param>
    /// <param name="root">The container's root, to look what is wrong with the program; null when it is not known.</param>
    public static GantryException Of(LaunchStep step, int errno, RuntimeProcess process, Fd? root)
    {
        var failure = new LaunchFailure(step.Stage, errno);
        if (step.Stage == LaunchStage.Exec && step.What is "find the program" or "execve")
            return GantryException.Of(KindOf(step.Stage, errno), ProgramDiagnosis.Describe(process, root, errno), failure);
        return GantryException.Of(KindOf(step.Stage, errno), $"{step.What}: {Errno.Text(errno)}{Hint(step, errno)}", failure);
    }

    /// <summary>The error for a host file or call that failed before the fork.</summary>
    public static GantryException Of(LaunchStage stage, string what, SyscallException cause) =>
        GantryException.Of(KindOf(stage, cause.Number), $"{what}: {Errno.Text(cause.Number)}", new LaunchFailure(stage, cause.Number), cause);

    /// <summary>The error for a child that ended without a word.</summary>
    public static GantryException Died(LaunchStage stage, ProcessExit exit)
    {
        var why = exit.Signal switch
        {
            0 => $"exited with {exit.Code}",
            Processes.SIGKILL => "was killed (signal 9): a memory limit too small for its setup, or somebody's kill",
            31 => "was killed by the seccomp filter (SIGSYS): the profile forbids what starting a program needs, such as execve",
            _ => $"was killed by signal {exit.Signal}",
        };
        return GantryException.Of(ErrorKind.Internal, $"the container's init {why} before the program started", new LaunchFailure(stage, Errno.ECHILD));
    }

    private static ErrorKind KindOf(LaunchStage stage, int errno) => errno switch
    {
        Errno.ENOMEM or Errno.ENOSPC or Errno.EMFILE or Errno.ENFILE or Errno.EAGAIN or Errno.EDQUOT => ErrorKind.Exhausted,
        Errno.ENOSYS or Errno.ENODEV => ErrorKind.NotSupported,
        // A program that is not there, or may not be run, is a wrong request. Source: moby daemon/errors.go, startInvalidConfigError.
        Errno.ENOENT or Errno.EACCES or Errno.EPERM when stage is LaunchStage.Exec => ErrorKind.Invalid,
        Errno.ENOENT when stage is LaunchStage.Bundle => ErrorKind.NotFound,
        Errno.EPERM or Errno.EACCES => ErrorKind.Forbidden,
        _ => ErrorKind.Invalid,
    };

    private static string Hint(LaunchStep step, int errno) => (step.What, errno) switch
    {
        (_, Errno.ENODEV) when step.What.StartsWith("mount ", StringComparison.Ordinal) => ": the kernel does not know this file system (is its module loaded?)",
        (_, Errno.ENOTDIR or Errno.EINVAL) when step.What.StartsWith("mount ", StringComparison.Ordinal) => ": wrong options, or source and destination are not both directories or both files",
        (_, Errno.EPERM) when step.What.StartsWith("set RLIMIT_", StringComparison.Ordinal) => ": the hard limit is above the engine's own, and raising it needs CAP_SYS_RESOURCE",
        (_, Errno.EPERM) when step.What.StartsWith("set the hostname", StringComparison.Ordinal) => ": the container has no UTS namespace of its own",
        _ => "",
    };
}

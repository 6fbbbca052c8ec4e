using Gantry.Engine.Containers;
using Gantry.Model.Api;

namespace Gantry.Engine.Explain;

/// <summary>What the way in which the last run ended tells.</summary>
internal static class EndRules
{
    private static readonly TimeSpan s_young = TimeSpan.FromSeconds(10);

    private static readonly string[] s_shells = ["sh", "bash", "ash", "dash", "zsh", "fish", "python", "python3", "node", "irb", "psql"];

    private static readonly string[] s_daemons = ["nginx", "httpd", "apache2", "apachectl", "apache2ctl", "service", "sshd", "crond", "cron", "mysqld_safe", "supervisord", "php-fpm", "memcached", "redis-server"];

    public static bool HasEnded(ContainerFacts facts) => facts.Run is { Status: ContainerStatus.Exited or ContainerStatus.Restarting or ContainerStatus.Dead or ContainerStatus.Removing, Error.Length: 0, FinishedAt: not null };

    public static ContainerFinding? OutOfMemory(ContainerFacts facts)
    {
        if (!facts.Run.OomKilled && facts.Run.Oom is null)
            return null;
        var oom = facts.Run.Oom;
        var limit = oom is { LimitBytes: > 0 } ? oom.LimitBytes : facts.Record.HostConfig.Memory ?? 0;
        var who = oom?.Victim is { } victim ? $"{victim.Process} (process {victim.Pid} of the host)" : "a process in it";
        var peak = oom is { PeakBytes: > 0 } ? $", after it had used {Size(oom.PeakBytes)}" : "";
        return limit > 0
            ? Finding.Of("out-of-memory", $"The kernel killed {who}: the container reached its memory limit of {Size(limit)}{peak}.", $"Give it more: gantry update --memory {Size(limit * 2)} --memory-swap {Size(limit * 4)} {facts.Record.Name}, or have the program use less.")
            : Finding.Of("out-of-memory", $"The kernel killed {who}: the host ran out of memory{peak}.", "Give containers a limit (--memory), so that one cannot take the host's memory, or the host more memory.");
    }

    public static ContainerFinding? NothingToRead(ContainerFacts facts)
    {
        var shell = s_shells.Contains(Base(facts.Record.Path)) && facts.Record.Arguments.Count == 0;
        return HasEnded(facts) && shell && facts.Run.ExitCode == 0 && facts.Ran < s_young && facts.Record.Config.OpenStdin != true
            ? Finding.Of("nothing-to-read", $"{Base(facts.Record.Path)} had nothing to read, so it ended at once: the container was started without -i.", $"gantry run -it {facts.Image} gives it a terminal; to keep a container running, name a program that stays, such as sleep infinity.")
            : null;
    }

    public static ContainerFinding? WentToTheBackground(ContainerFacts facts)
    {
        var name = s_daemons.FirstOrDefault(d => facts.Words.Any(w => Base(w) == d || w.StartsWith(d + " ", StringComparison.Ordinal)));
        return HasEnded(facts) && name is not null && facts.Run.ExitCode == 0 && !facts.Run.StoppedByHand && facts.Ran < s_young
            ? Finding.Of("went-to-background", $"{name} went on in the background and its first process ended: a container ends with its first process.", Foreground(name))
            : null;
    }

    private static string Foreground(string name) => name switch
    {
        "nginx" => "Run it in the foreground: nginx -g 'daemon off;'.",
        "httpd" or "apache2" or "apachectl" or "apache2ctl" => "Run it in the foreground: apachectl -D FOREGROUND.",
        "sshd" => "Run it in the foreground: sshd -D.",
        "crond" or "cron" => "Run it in the foreground: cron -f.",
        "service" => "Run the server itself, in the foreground, rather than through service.",
        _ => $"Run {name} in the foreground: without its daemon option.",
    };

    public static ContainerFinding? Signal(ContainerFacts facts)
    {
        if (!HasEnded(facts) || facts.Run.ExitCode is not (> 128 and < 160) || facts.Run.OomKilled)
            return null;
        var name = facts.Record.Name;
        return (facts.Run.ExitCode - 128) switch
        {
            4 => Finding.Of("illegal-instruction", "It ran an instruction that this processor does not have (SIGILL, exit code 132).", "Use a build for an older processor (x86-64-v2 or plain amd64): \"lscpu\" shows what this one can do."),
            6 => Finding.Of("aborted", "It ended itself because something it relies on was not so (SIGABRT, exit code 134).", $"gantry logs {name} shows what it says before that."),
            7 => Finding.Of("bus-error", "It touched memory whose file was cut short (SIGBUS, exit code 135): often /dev/shm is too small.", "Give it more shared memory: --shm-size 256m."),
            8 => Finding.Of("arithmetic", "It divided by zero or overflowed (SIGFPE, exit code 136).", $"gantry logs {name} shows what it says before that."),
            9 when facts.Run.StoppedByHand => Finding.Plain("killed-by-hand", "It was killed on request, or had not ended by itself when the time that \"stop\" gives was over (SIGKILL, exit code 137).", "When a stop takes long: have the first process handle SIGTERM, give it more time (--stop-timeout), or put an init before it (--init)."),
            9 => Finding.Of("killed", "It was killed from outside (SIGKILL, exit code 137), and not by Gantry: somebody on the host, or the host's own out-of-memory killer.", "\"dmesg\" tells whether the host ran out of memory."),
            11 => Finding.Of("segfault", "It touched memory that is not its own (SIGSEGV, exit code 139): a fault of the program, or a library of another build.", "Use an image whose libraries belong together (Alpine's are not Debian's), or look at the core dump."),
            13 => Finding.Of("broken-pipe", "It wrote to a pipe or a connection that nobody reads any more (SIGPIPE, exit code 141).", $"gantry logs {name} shows what it was at."),
            15 when facts.Run.StoppedByHand => Finding.Plain("stopped", "It ended when it was asked to (SIGTERM, exit code 143).", $"gantry start {name} starts it again."),
            15 => Finding.Of("terminated", "Something asked it to end (SIGTERM, exit code 143), and it was not Gantry.", $"gantry logs {name} shows what it was at."),
            24 => Finding.Of("cpu-time", "It used up the processor time that it may have (SIGXCPU, exit code 152).", "Raise it: --ulimit cpu=SECONDS."),
            25 => Finding.Of("file-size", "It wrote a larger file than it may (SIGXFSZ, exit code 153).", "Raise it: --ulimit fsize=BYTES."),
            31 => Finding.Of("bad-system-call", "It made a system call that its seccomp profile kills for (SIGSYS, exit code 159).", "Name a profile that allows it: --security-opt seccomp=PROFILE.json."),
            2 => Finding.Plain("interrupted", "It was interrupted from the keyboard (SIGINT, exit code 130).", $"gantry start {name} starts it again."),
            var signal => Finding.Plain("signal", $"It ended by signal {signal} (exit code {facts.Run.ExitCode}).", $"gantry logs {name} shows what it says before that."),
        };
    }

    /// <summary>The exit code in words, where nothing else is known.</summary>
    public static ContainerFinding? ExitCode(ContainerFacts facts)
    {
        var name = facts.Record.Name;
        if (!HasEnded(facts) || facts.Run.ExitCode == 0)
            return null;
        return facts.Run.ExitCode switch
        {
            1 => Finding.Plain("failed", "The program reported that it failed (exit code 1).", $"gantry logs {name} shows what it says."),
            2 => Finding.Plain("usage", "The program reported that it was called in a wrong way, or failed (exit code 2).", $"gantry logs {name} shows what it says; look at the arguments: {string.Join(' ', facts.Words)}."),
            126 => Finding.Of("command-not-executable", "The shell found the command, but may not execute it (exit code 126).", "chmod +x it in the image, or run its interpreter with it as argument."),
            127 => Finding.Of("command-not-found", "The shell did not find a command (exit code 127).", $"gantry logs {name} names it: install it in the image, or correct its name."),
            255 => Finding.Plain("failed", "The program reported an error outside of its own codes (exit code 255).", $"gantry logs {name} shows what it says."),
            var code => Finding.Plain("failed", $"The program ended with exit code {code}, whose meaning is its own.", $"gantry logs {name} shows what it says."),
        };
    }

    internal static string Base(string path) => path[(path.LastIndexOf('/') + 1)..];

    internal static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 when bytes % (1L << 30) == 0 => $"{bytes >> 30}g",
        >= 1L << 20 => $"{(bytes + (1 << 19)) >> 20}m",
        >= 1L << 10 => $"{bytes >> 10}k",
        _ => $"{bytes}b",
    };
}

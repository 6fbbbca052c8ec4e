using Gantry.Cli.Output;
using Gantry.Client;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Microsoft.Win32.SafeHandles;

namespace Gantry.Cli.Config;

/// <summary>Starts an engine in the background when none answers on the default socket.</summary>
internal static class EngineStart
{
    /// <summary>How long an engine may take: reconciling many containers on a slow disk takes seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Starts one and waits until it answers.</summary>
    /// <returns>Whether it is worth to connect again.</returns>
    /// <exception cref="GantryException">Unavailable: it may not, it cannot, or it ended; with what to type.</exception>
    public static bool Start(EngineAddress address, TextOutput error)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw GantryException.Of(
                ErrorKind.Unavailable,
                $"Cannot connect to the Gantry engine at {address.Text}: it is not running, and starting it takes root. Type: sudo gantryd &   (or put sudo in front of this command, and it is started for you)");
        }
        var program = FindEngine()
            ?? throw GantryException.Of(ErrorKind.Unavailable, $"Cannot connect to the Gantry engine at {address.Text}: it is not running, and no gantryd was found beside gantry or in PATH. Build it with ./gantry, or install it beside gantry");
        var log = OpenLog(out var logPath);
        error.WriteLine($"gantry: no engine is running: starting {program} in the background (its log: {logPath})");
        error.Flush();
        using (log)
        using (var nothing = new FileStream("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0))
        {
            using var input = Duplicate(nothing.SafeFileHandle);
            using var output = Duplicate(log.SafeFileHandle);
            var (_, process) = Spawn.Start(program, [program], Surroundings(), [input, output, output]);
            using (process)
                AwaitReady(address, process, logPath);
        }
        return true;
    }

    private static void AwaitReady(EngineAddress address, Fd process, string logPath)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
        {
            if (Answers(address))
                return;
            // Sleeps on the process itself, so that an engine that gives up is noticed at once.
            if (Processes.WaitForEnd(process, timeoutMs: 10))
                throw GantryException.Of(ErrorKind.Unavailable, $"gantryd ended at once: {LastLine(logPath)} (see {logPath})");
        }
        throw GantryException.Of(ErrorKind.TimedOut, $"gantryd was started but did not answer within {Patience.TotalSeconds:0} seconds: see {logPath}");
    }

    private static bool Answers(EngineAddress address)
    {
        try
        {
            using var transport = new EngineTransport(address, EngineTransport.NewestVersion);
            transport.Ping();
            return true;
        }
        catch (GantryException)
        {
            return false;
        }
    }

    private static string? FindEngine()
    {
        var beside = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "gantryd");
        if (File.Exists(beside))
            return beside;
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            var candidate = Path.Combine(directory, "gantryd");
            if (directory.StartsWith('/') && File.Exists(candidate))
                return candidate;
        }
        return null;
    }

    private static FileStream OpenLog(out string path)
    {
        path = "/var/log/gantry/gantryd.log";
        try
        {
            Directory.CreateDirectory("/var/log/gantry");
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            path = "/run/gantry/gantryd.log";
            Directory.CreateDirectory("/run/gantry");
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
        }
    }

    /// <summary>The environment of an engine: not the user's shell's, but for where programs and proxies are.</summary>
    private static List<string> Surroundings()
    {
        var surroundings = new List<string> { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
        foreach (var name in (string[])["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "TZ", "HOME"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                surroundings.Add($"{name}={value}");
        }
        return surroundings;
    }

    private static Fd Duplicate(SafeFileHandle handle) => Files.Duplicate((int)handle.DangerousGetHandle());

    private static string LastLine(string logPath)
    {
        try
        {
            return File.ReadLines(logPath).LastOrDefault(static l => l.Length > 0) ?? "it said nothing";
        }
        catch (IOException)
        {
            return "it said nothing";
        }
    }
}

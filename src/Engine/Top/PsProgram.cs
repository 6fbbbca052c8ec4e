using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Top;

/// <summary>The host's ps, for what it alone can show.</summary>
internal static class PsProgram
{
    private static readonly string[] s_paths = ["/usr/bin/ps", "/bin/ps"];

    /// <summary>Runs it for some processes, and for all when its options do not go together with a list of them (as <c>f</c>).</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="GantryException">NotSupported: there is no ps here. Internal: it refuses the arguments, with its own words.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> arguments, IReadOnlyList<int> pids, CancellationToken requested)
    {
        var path = Array.Find(s_paths, File.Exists) ?? throw GantryException.Of(
            ErrorKind.NotSupported,
            $"the processes cannot be shown as ps {string.Join(' ', arguments)} would: the host has no ps (Debian's package procps); without it there are -ef, aux, and -o with the usual columns");
        var (status, output, _) = await RunOnceAsync(path, [.. arguments, $"-q{string.Join(',', pids)}"], requested);
        if (status == 0)
            return output;
        (status, output, var error) = await RunOnceAsync(path, arguments, requested);
        return status == 0 ? output : throw GantryException.Of(ErrorKind.Internal, $"ps: {error.Split('\n')[0]}");
    }

    private static async Task<(int Status, string Output, string Error)> RunOnceAsync(string path, IReadOnlyList<string> arguments, CancellationToken requested)
    {
        // Files rather than pipes: neither can fill up while nobody reads.
        using var nothing = Files.Open("/dev/null", OpenFlags.O_RDWR);
        using var output = Files.CreateInMemory("ps-output", []);
        using var error = Files.CreateInMemory("ps-error", []);
        var (_, process) = Spawn.Start(path, ["ps", .. arguments], ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"], [nothing, output, error]);
        using (process)
        {
            await ReadinessThread.Shared.WaitReadableAsync(process, requested);
            return (Processes.Wait(process).Status, Text(output), Text(error));
        }
    }

    private static string Text(Fd file)
    {
        Files.Rewind(file);
        return Encoding.UTF8.GetString(Files.ReadToEnd(file));
    }
}

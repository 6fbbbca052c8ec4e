using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Oci;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>update</c>: other limits for a running container.</summary>
internal static class UpdateCommand
{
    public static readonly Command Command = new(
        "change the limits of a container",
        "[--resources FILE|-] [--memory SIZE] [--memory-swap SIZE] [--memory-reservation SIZE] [--cpu-share N] [--cpu-period US] [--cpu-quota US] [--cpu-burst US] [--cpu-idle N] [--cpuset-cpus LIST] [--cpuset-mems LIST] [--pids-limit N] [--blkio-weight N] ID",
        new(
            [
                "--resources", "--blkio-weight", "--cpu-period", "--cpu-quota", "--cpu-burst", "--cpu-share", "--cpu-rt-period", "--cpu-rt-runtime", "--cpuset-cpus", "--cpuset-mems",
                "--kernel-memory", "--kernel-memory-tcp", "--memory", "--cpu-idle", "--memory-reservation", "--memory-swap", "--pids-limit",
            ],
            ["--help"],
            new() { ["-r"] = "--resources" }),
        Run);

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        var container = context.Get(options.Id);
        container.Update(options.Find("--resources") is { Length: > 0 } file ? RuntimeConfigReader.ReadResources(Read(file)) : FromOptions(options));
        return 0;
    }

    private static byte[] Read(string file) => file == "-" ? Files.ReadToEnd(new Fd(0)) : Files.ReadAll(file);

    private static LinuxResources FromOptions(ParsedOptions options) => new()
    {
        Memory = Any(options, "--memory", "--memory-reservation", "--memory-swap")
            ? new LinuxMemory { Limit = options.FindSize("--memory"), Reservation = options.FindSize("--memory-reservation"), Swap = options.FindSize("--memory-swap") }
            : null,
        Cpu = Any(options, "--cpu-period", "--cpu-quota", "--cpu-burst", "--cpu-share", "--cpu-rt-period", "--cpu-rt-runtime", "--cpuset-cpus", "--cpuset-mems", "--cpu-idle")
            ? new LinuxCpu
            {
                Shares = options.FindCount("--cpu-share"),
                Quota = options.FindNumber("--cpu-quota"),
                Burst = options.FindCount("--cpu-burst"),
                Period = options.FindCount("--cpu-period"),
                RealtimeRuntime = options.FindNumber("--cpu-rt-runtime"),
                RealtimePeriod = options.FindCount("--cpu-rt-period"),
                Cpus = options.Find("--cpuset-cpus"),
                Mems = options.Find("--cpuset-mems"),
                Idle = options.FindNumber("--cpu-idle"),
            }
            : null,
        Pids = options.FindNumber("--pids-limit") is { } limit ? new LinuxPids { Limit = limit } : null,
        BlockIO = options.FindCount("--blkio-weight", limit: 1000) is { } weight ? new LinuxBlockIo { Weight = (ushort)weight } : null,
    };

    private static bool Any(ParsedOptions options, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (options.Find(name) is { Length: > 0 }) return true;
        }

        return false;
    }
}

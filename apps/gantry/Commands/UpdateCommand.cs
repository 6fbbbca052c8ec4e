using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Model.Api;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry update</c>: other limits, another restart policy.</summary>
internal static class UpdateCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "update",
        Usage = "[OPTIONS] CONTAINER [CONTAINER...]",
        Summary = "Update configuration of one or more containers",
        Aliases = ["container update", "update"],
        Arity = Arity.AtLeast(1),
        Flags = Flags,
        Names = Names.Containers,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        if (!Flags().Any(flag => flags.Changed(flag.Name)))
            throw new FlagException("you must provide one or more flags when using this command");
        if (flags.Changed("kernel-memory"))
            invocation.Error.WriteLine("Flag --kernel-memory has been deprecated, and no longer supported by the kernel");
        var change = Change(flags);
        var warnings = new List<string>();
        var code = invocation.ForEach(name => warnings.AddRange(invocation.Client.Containers.Update(name, change)));
        foreach (var warning in warnings)
            invocation.Out.WriteLine(warning);
        return code;
    }

    private static HostConfig Change(FlagValues flags) => new()
    {
        BlkioWeight = flags.Number("blkio-weight"),
        CpuShares = flags.Number("cpu-shares"),
        NanoCpus = flags.Number("cpus"),
        CpuPeriod = flags.Number("cpu-period"),
        CpuQuota = flags.Number("cpu-quota"),
        CpuRealtimePeriod = flags.Number("cpu-rt-period"),
        CpuRealtimeRuntime = flags.Number("cpu-rt-runtime"),
        CpusetCpus = flags.Text("cpuset-cpus"),
        CpusetMems = flags.Text("cpuset-mems"),
        Memory = flags.Number("memory"),
        MemorySwap = flags.Number("memory-swap"),
        MemoryReservation = flags.Number("memory-reservation"),
        PidsLimit = flags.Number("pids-limit"),
        RestartPolicy = flags.Text("restart") is { Length: > 0 } policy ? CreateSpec.Restart(policy) : null,
    };

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("blkio-weight", FlagKind.Uint16, "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)"),
        new("cpu-period", FlagKind.Int, "Limit CPU CFS (Completely Fair Scheduler) period"),
        new("cpu-quota", FlagKind.Int, "Limit CPU CFS (Completely Fair Scheduler) quota"),
        new("cpu-rt-period", FlagKind.Int, "Limit the CPU real-time period in microseconds"),
        new("cpu-rt-runtime", FlagKind.Int, "Limit the CPU real-time runtime in microseconds"),
        new("cpu-shares", FlagKind.Int, "CPU shares (relative weight)", 'c'),
        new("cpus", FlagKind.Decimal, "Number of CPUs"),
        new("cpuset-cpus", FlagKind.Text, "CPUs in which to allow execution (0-3, 0,1)"),
        new("cpuset-mems", FlagKind.Text, "MEMs in which to allow execution (0-3, 0,1)"),
        new("kernel-memory", FlagKind.Bytes, "Kernel memory limit (deprecated)") { Hidden = true },
        new("memory", FlagKind.Bytes, "Memory limit", 'm'),
        new("memory-reservation", FlagKind.Bytes, "Memory soft limit"),
        new("memory-swap", FlagKind.Bytes, "Swap limit equal to memory plus swap: -1 to enable unlimited swap") { Normalize = ByteSize.NormalizeSwap },
        new("pids-limit", FlagKind.Int, "Tune container pids limit (set -1 for unlimited)"),
        new("restart", FlagKind.Text, "Restart policy to apply when a container exits"),
    ];
}

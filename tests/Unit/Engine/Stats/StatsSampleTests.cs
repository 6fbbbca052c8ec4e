using Gantry.Engine.Stats;
using Gantry.Kernel.Cgroups;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Stats;

/// <summary>From the kernel's counters to the shape that clients know.</summary>
public sealed class StatsSampleTests
{
    [Fact]
    public void ACompleteSampleOfVersion1()
    {
        var usage = new CgroupUsage
        {
            CpuNs = 10, CpuUserNs = 6, CpuKernelNs = 4, CpuByProcessorNs = [7, 3], MemoryBytes = 500, MemoryPeakBytes = 900, MemoryLimitBytes = 9223372036854771712,
            MemoryDetails = new Dictionary<string, long> { ["cache"] = 5 }, Processes = 2, Bytes = [new(8, 0, "Read", 4096)], Operations = [],
        };
        var json = ApiJson.WriteText(StatsSample.Of(usage, new SystemCpu(1000, 2), machineMemoryBytes: 2000));
        Assert.Equal(
            """
            {"read":"","preread":"","pids_stats":{"current":2},"blkio_stats":{"io_service_bytes_recursive":[{"major":8,"minor":0,"op":"Read","value":4096}],"io_serviced_recursive":[],"io_queue_recursive":[],"io_service_time_recursive":[],"io_wait_time_recursive":[],"io_merged_recursive":[],"io_time_recursive":[],"sectors_recursive":[]},"num_procs":0,"storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":10,"percpu_usage":[7,3],"usage_in_kernelmode":4,"usage_in_usermode":6},"system_cpu_usage":1000,"online_cpus":2,"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},"precpu_stats":{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},"memory_stats":{"usage":500,"max_usage":900,"stats":{"cache":5},"limit":2000}}
            """,
            json);
    }

    /// <summary>Byte for byte what dockerd 20.10 says of a stopped container, but for the order of the members.</summary>
    [Fact]
    public void AStoppedContainerHasUsedNothing() => Assert.Equal(
        """
        {"read":"0001-01-01T00:00:00Z","preread":"0001-01-01T00:00:00Z","pids_stats":{},"blkio_stats":{"io_service_bytes_recursive":null,"io_serviced_recursive":null,"io_queue_recursive":null,"io_service_time_recursive":null,"io_wait_time_recursive":null,"io_merged_recursive":null,"io_time_recursive":null,"sectors_recursive":null},"num_procs":0,"storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},"precpu_stats":{"cpu_usage":{"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},"memory_stats":{}}
        """,
        ApiJson.WriteText(new ContainerStatsResponse { Read = "0001-01-01T00:00:00Z", PreRead = "0001-01-01T00:00:00Z" }));

    [Fact]
    public void TheMachinesTimeIsThatOfSevenColumns()
    {
        var system = SystemCpu.Parse("cpu  1 2 3 4 5 6 7 100 200 300\ncpu0 1 1 1 1 1 1 1 1 1 1\ncpu1 1 1 1 1 1 1 1 1 1 1\nintr 123 0\nctxt 7\n");
        Assert.Equal(new SystemCpu(28L * 10_000_000, 2), system);
    }

    [Fact]
    public void InterfacesWithoutTheLoopback()
    {
        var counters = InterfaceCounters.Parse(
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 1 2 0 0 0 0 0 0 1 2 0 0 0 0 0 0
              eth0:    732       8    1    2    0     0          0         0       70       3    4    5    0     0       0          0

            """);
        Assert.Equal(("eth0", new ContainerNetworkStats { RxBytes = 732, RxPackets = 8, RxErrors = 1, RxDropped = 2, TxBytes = 70, TxPackets = 3, TxErrors = 4, TxDropped = 5 }), (Assert.Single(counters!).Key, counters!["eth0"]));
        Assert.Null(InterfaceCounters.Parse("\n\n  lo: 1 2 0 0 0 0 0 0 1 2 0 0 0 0 0 0\n"));
    }
}

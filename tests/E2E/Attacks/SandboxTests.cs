using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Attacks;

/// <summary>What a stranger's program finds around it, when nobody asked for anything special.</summary>
/// <remarks>Source of the lists: moby daemon/pkg/oci/defaults.go, caps/defaults.go.</remarks>
public sealed class SandboxTests(AttackFixture fixture) : IClassFixture<AttackFixture>
{
    private static readonly string[] _masked =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    [Fact]
    public async Task TheProcessIsFilteredAndHasDockersCapabilities()
    {
        var status = (await fixture.RunAsync([], "/bin/cat", "/proc/self/status")).Succeeded().Output.Split('\n').Where(line => line.Contains('\t')).ToDictionary(line => line.Split(':')[0], line => line.Split('\t', 2)[1]);

        Assert.Equal("2", status["Seccomp"]);
        Assert.Equal("1", status["Seccomp_filters"]);
        Assert.Equal("1", status["NSpid"].Split('\t')[^1]);
        foreach (var (set, mask) in (ReadOnlySpan<(string, string)>)[("CapInh", "0000000000000000"), ("CapPrm", "00000000a80425fb"), ("CapEff", "00000000a80425fb"), ("CapBnd", "00000000a80425fb"), ("CapAmb", "0000000000000000")])
            Assert.Equal(mask, status[set]);
    }

    [Fact]
    public async Task WhatTellsOfTheHostIsMasked()
    {
        var lines = (await fixture.RunAsync([], ["/bin/sh", "-c", "for p in \"$@\"; do if [ -d $p ]; then echo $p dir $(/bin/ls -A $p); elif [ -e $p ]; then /bin/stat -c '%n %F %t:%T' $p; else echo $p none; fi; done", "sh", .. _masked])).Succeeded().Text.Split('\n');

        Assert.Equal(_masked.Length, lines.Length);
        Assert.All(lines, line => Assert.Matches("^[^ ]+ (dir|none|character special file 1:3)$", line));
        // Those that this machine has are the ones that were looked at.
        Assert.Equal(_masked.Count(Path.Exists), lines.Count(line => !line.EndsWith(" none", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task WhatChangesTheHostIsReadOnlyAndDevicesAreTheSixAndTheirLinks()
    {
        var output = (await fixture.RunAsync([], "/bin/sh", "-c", "/bin/cat /proc/self/mountinfo; echo; /bin/ls /dev")).Succeeded().Text.Split("\n\n");
        var mounts = output[0].Split('\n').Select(line => line.Split(' ')).ToDictionary(fields => fields[4], fields => fields[5].Split(','));

        foreach (var path in new[] { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" }.Where(Path.Exists))
            Assert.Contains("ro", mounts[path]);
        Assert.Superset(new HashSet<string> { "ro", "nosuid", "nodev", "noexec" }, mounts["/sys"].ToHashSet());
        Assert.Superset(new HashSet<string> { "nosuid", "nodev", "noexec" }, mounts["/proc"].ToHashSet());
        string[] devices = ["core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"];
        Assert.Equal(devices.Where(name => name != "core" || File.Exists("/proc/kcore")), output[1].Split('\n').Order(StringComparer.Ordinal));
    }

    /// <summary>Ten strangers side by side, where containers were told not to talk to one another.</summary>
    [Fact]
    public async Task TenContainersWithoutIccCannotTalk()
    {
        await using var engine = await EngineFixture.StartAsync("--icc=false");
        (await engine.GantryAsync("import", fixture.HostileArchive, "hostile")).Succeeded();
        var names = Enumerable.Range(0, 10).Select(i => $"stranger{i}").ToArray();
        foreach (var name in names)
            (await engine.GantryAsync("run", "-d", "--name", name, "hostile", "/attack", "serve", "7000")).Succeeded();
        var addresses = (await engine.GantryAsync(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", .. names])).Succeeded().Text.Split('\n');
        Assert.Equal(10, addresses.Distinct().Count());
        for (var i = 0; i < names.Length; i += 3)
        {
            string[] others = [.. addresses.Where(address => address != addresses[i])];
            string[] timedOut = [.. others.Select(address => $"{address} ETIMEDOUT")];
            Assert.Equal(timedOut, (await engine.GantryAsync(["exec", names[i], "/attack", "reach", "7000", .. others])).Succeeded().Text.Split('\n'));
        }
        // All the while they could be reached: from the host, and each by itself.
        Assert.Equal($"{addresses[0]} ok", (await engine.GantryAsync("exec", names[0], "/attack", "reach", "7000", addresses[0])).Succeeded().Text);
        (await engine.GantryAsync(["rm", "-f", .. names])).Succeeded();
    }
}

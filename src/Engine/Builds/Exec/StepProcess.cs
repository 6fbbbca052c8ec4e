using System.Buffers.Binary;
using Gantry.Build;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Remap;
using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;
using Gantry.Network.Files;

namespace Gantry.Engine.Builds;

/// <summary>One step's program, from its launch to its end.</summary>
internal sealed class StepProcess(EngineParts parts, NameServers names, BuildSpec spec)
{
    private const string DefaultHostname = "buildkitsandbox";
    private const int HeaderBytes = 8;
    private const int BufferBytes = 32 << 10;

    private readonly ContainerNetwork _network = new(parts);

    /// <summary>Runs it. Cancelled, it is killed; nothing of it is left either way.</summary>
    /// <exception cref="GantryException">It could not be started.</exception>
    public async Task<ContainerExit> RunAsync(StepState state, IBuildProgress progress, CancellationToken cancellationToken)
    {
        // Never committed: whatever happens, all of it is taken back.
        await using var undo = parts.NewUndo();
        var monitor = await CreateAsync(state, state.Step.Arguments, terminal: false, undo, cancellationToken);
        using var output = MonitorStream.Create();
        await monitor.AttachAsync(new MonitorAttachRequest { Stdout = true, Stderr = true }, output, cancellationToken);
        await monitor.StartAsync(cancellationToken);

        // Until everybody who holds it has ended.
        await PumpAsync(state.Step, output, progress, cancellationToken);
        return await monitor.WaitAsync(cancellationToken);
    }

    /// <summary>Runs a shell where the step's program ran, as the same user, with the same mounts. The caller disposes it.</summary>
    /// <exception cref="GantryException">It could not be started, as where there is none.</exception>
    public async Task<IStepShell> OpenShellAsync(StepState state, CancellationToken cancellationToken)
    {
        var undo = parts.NewUndo();
        var terminal = MonitorStream.Create();
        try
        {
            // What the step's own line was read by: the image may have no other.
            var shell = state.Step.Arguments is [var own, "-c", _] ? own : "/bin/sh";
            var monitor = await CreateAsync(state, [shell], terminal: true, undo, cancellationToken);
            await monitor.AttachAsync(new MonitorAttachRequest { Stdin = true, Stdout = true, Stderr = true }, terminal, cancellationToken);
            await monitor.StartAsync(cancellationToken);
            return new StepShell(monitor, terminal, undo);
        }
        catch
        {
            await terminal.DisposeAsync();
            await undo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sets a program up; it waits to be started.</summary>
    /// <param name="undo">Gets what ends it and takes everything back.</param>
    private async Task<MonitorClient> CreateAsync(StepState state, IReadOnlyList<string> arguments, bool terminal, UndoStack undo, CancellationToken cancellationToken)
    {
        var host = HostConfig(state.Step);
        RemapRules.Check(host, parts.Facts);

        // 1 monitor
        var monitor = await parts.Monitors.StartAsync(state.Key, cancellationToken);
        undo.Push("end the monitor", async limit =>
        {
            await monitor.CloseAsync(limit);
            await monitor.DisposeAsync();
            parts.Monitors.RemoveDirectory(state.Key);
        });

        // 2 network
        var network = await _network.AttachAsync(state.Key, host, macAddress: null, undo, cancellationToken);

        // 3 plan
        var config = Plan(state, arguments, terminal, host, network);

        // 4 create, connect
        var pid = await monitor.CreateAsync(
            new MonitorCreateRequest { Config = config, RootfsMounts = state.Snapshot.RootfsMounts, OpenStdin = terminal, NetworkNamespaceIndex = network.HeldNamespace is null ? null : 0 },
            network.HeldNamespace is { } held ? [held] : Array.Empty<Fd>(),
            cancellationToken);
        await _network.ConnectAsync(host, network, pid, cancellationToken);
        return monitor;
    }

    private RuntimeConfig Plan(StepState state, IReadOnlyList<string> arguments, bool terminal, HostConfig host, NetworkAttachment network)
    {
        var (step, mounts) = (state.Step, state.Mounts);
        var hasIPv6 = network.Endpoint?.Record.Address6 is not null;
        var config = LaunchPlanner.Plan(new PlanInput
        {
            Id = state.Key.ToString(),
            Config = new ContainerConfig
            {
                Hostname = spec.Hostname ?? DefaultHostname,
                // A step's environment has no host name, unless it says one itself.
                Env = ["HOSTNAME", .. step.Environment, .. step.UnkeyedEnvironment, .. mounts.Environment],
                Cmd = arguments,
                WorkingDir = step.WorkingDirectory,
                Tty = terminal,
            },
            HostConfig = host,
            Facts = parts.Facts,
            User = state.User,
            Mounts = mounts.Mounts,
            HostsPath = WriteHosts(step, mounts),
            ResolvConfPath = mounts.Write("resolv.conf", names.Text(host, network.Kind, hasIPv6)),
            HostnamePath = mounts.Write("hostname", ContainerFiles.Hostname(spec.Hostname ?? DefaultHostname)),
            HasIPv6 = hasIPv6,
            NetworkNamespacePath = network.NamespacePath,
            UserNamespacePath = network.Donor is { } donor && RemapRules.Of(host, parts.Facts) is { } remap ? SharedUserNamespace.Find([(donor.Name, donor.Run.Pid)], remap) : null,
            DefaultUlimits = parts.Options.Ulimits,
            CgroupParent = string.IsNullOrEmpty(spec.CgroupParent) ? parts.CgroupParent : spec.CgroupParent,
            DataRoot = parts.Options.DataRoot,
            SeccompProfile = parts.SeccompProfile,
            SeccompUnconfined = parts.Options.SeccompProfile == "unconfined",
        });
        return StepDevices.Apply(config, step.Devices, parts.Options.CdiSpecDirectories);
    }

    private HostConfig HostConfig(ExecStep step) => SpecDefaults.Complete(
        new HostConfig
        {
            NetworkMode = step.Network switch { StepNetwork.Host => "host", StepNetwork.None => "none", _ => spec.NetworkMode ?? "bridge" },
            Privileged = step.Insecure,
            ShmSize = spec.ShmSizeBytes,
            Ulimits = [.. spec.Ulimits.Select(BuildUlimit.Parse)],
            Memory = spec.Limits.MemoryBytes,
            MemorySwap = spec.Limits.MemorySwapBytes,
            CpuShares = spec.Limits.CpuShares,
            CpuPeriod = spec.Limits.CpuPeriod,
            CpuQuota = spec.Limits.CpuQuota,
            CpusetCpus = spec.Limits.CpusetCpus,
            CpusetMems = spec.Limits.CpusetMems,
        },
        parts.Facts,
        parts.Options) with { LogConfig = new() { Type = "none" } };

    private string WriteHosts(ExecStep step, PreparedMounts mounts) => mounts.Write("hosts", ContainerFiles.StepHosts(
        spec.Hostname ?? DefaultHostname,
        [.. spec.ExtraHosts.Concat(step.ExtraHosts).Distinct()],
        parts.Options.HostGateway ?? parts.Bridge.Gateway.ToString()));

    // Docker's framing: a stream's number, three zeros, the length, and so much output.
    private async Task PumpAsync(ExecStep step, MonitorStream output, IBuildProgress progress, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        var buffer = new byte[BufferBytes];
        while (await output.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken) == HeaderBytes)
        {
            for (var left = (int)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)); left > 0;)
            {
                var read = await output.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), cancellationToken);
                if (read == 0)
                    return;
                left -= read;
                progress.Report(new VertexLog { Vertex = step.Digest, Stream = header[0] == 2 ? 2 : 1, Data = buffer.AsMemory(0, read).ToArray(), Time = parts.Time.GetUtcNow() });
            }
        }
    }
}

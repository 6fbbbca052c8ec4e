using System.Buffers.Binary;
using Gantry.Build;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Gantry.Network.Bridge;
using Gantry.Network.Files;
using Gantry.Network.Namespaces;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>One step's program, from its launch to its end.</summary>
internal sealed class StepProcess(EngineParts parts, NameServers names, BuildSpec spec)
{
    private const string DefaultHostname = "buildkitsandbox";
    private const int HeaderBytes = 8;
    private const int BufferBytes = 32 << 10;

    /// <summary>Runs it. Cancelled, it is killed; nothing of it is left either way.</summary>
    /// <exception cref="GantryException">It could not be started.</exception>
    public async Task<ContainerExit> RunAsync(ExecStep step, ContainerId key, Snapshot snapshot, ResolvedUser user, PreparedMounts mounts, IBuildProgress progress, CancellationToken cancellationToken)
    {
        // Never committed: whatever happens, all of it is taken back.
        await using var undo = parts.NewUndo();

        // 1 monitor
        var monitor = await parts.Monitors.StartAsync(key, cancellationToken);
        undo.Push("end the monitor", async limit =>
        {
            await monitor.CloseAsync(limit);
            await monitor.DisposeAsync();
            parts.Monitors.RemoveDirectory(key);
        });

        // 2 network
        var network = await AttachAsync(step, key, undo, cancellationToken);

        // 3 plan
        var host = HostConfig(step);
        var config = LaunchPlanner.Plan(new PlanInput
        {
            Id = key.ToString(),
            Config = new ContainerConfig
            {
                Hostname = spec.Hostname ?? DefaultHostname,
                // A step's environment has no host name, unless it says one itself.
                Env = ["HOSTNAME", .. step.Environment, .. step.UnkeyedEnvironment, .. mounts.Environment],
                Cmd = step.Arguments,
                WorkingDir = step.WorkingDirectory,
            },
            HostConfig = host,
            Facts = parts.Facts,
            User = user,
            Mounts = mounts.Mounts,
            HostsPath = WriteHosts(step, mounts),
            ResolvConfPath = mounts.Write("resolv.conf", names.Text(host, network.Kind, hasIPv6: network.Endpoint?.Record.Address6 is not null)),
            HostnamePath = mounts.Write("hostname", ContainerFiles.Hostname(spec.Hostname ?? DefaultHostname)),
            NetworkNamespacePath = network.NamespacePath,
            DefaultUlimits = parts.Options.Ulimits,
            CgroupParent = string.IsNullOrEmpty(spec.CgroupParent) ? parts.CgroupParent : spec.CgroupParent,
            DataRoot = parts.Options.DataRoot,
            SeccompProfile = parts.SeccompProfile,
            SeccompUnconfined = parts.Options.SeccompProfile == "unconfined",
        });

        // 4 create, attach, start
        await monitor.CreateAsync(
            new MonitorCreateRequest { Config = config, RootfsMounts = snapshot.RootfsMounts, NetworkNamespaceIndex = network.HeldNamespace is null ? null : 0 },
            network.HeldNamespace is { } held ? [held] : Array.Empty<Fd>(),
            cancellationToken);
        using var output = MonitorStream.Create();
        await monitor.AttachAsync(new MonitorAttachRequest { Stdout = true, Stderr = true }, output, cancellationToken);
        await monitor.StartAsync(cancellationToken);

        // 5 output, until everybody who holds it has ended
        await PumpAsync(step, output, progress, cancellationToken);
        return await monitor.WaitAsync(cancellationToken);
    }

    private async Task<NetworkAttachment> AttachAsync(ExecStep step, ContainerId key, UndoStack undo, CancellationToken cancellationToken)
    {
        switch (step.Network)
        {
            case StepNetwork.Host:
                return new NetworkAttachment { Kind = NetworkKind.Host };
            case StepNetwork.None:
                var loopback = await parts.Bridge.TakeLoopbackNamespaceAsync(cancellationToken);
                undo.Push("close the namespace", _ =>
                {
                    loopback.Dispose();
                    return ValueTask.CompletedTask;
                });
                return new NetworkAttachment { Kind = NetworkKind.None, HeldNamespace = loopback, NamespacePath = NetworkNamespaces.PathOf(loopback) };
            default:
                var endpoint = await parts.Bridge.AttachAsync(new EndpointSpec { ContainerId = key.ToString() }, cancellationToken);
                undo.Push("disconnect from the bridge", async _ =>
                {
                    await parts.Bridge.DetachAsync(endpoint);
                    endpoint.Dispose();
                });
                return new NetworkAttachment { Kind = NetworkKind.Bridge, Endpoint = endpoint, HeldNamespace = endpoint.NetnsFd, NamespacePath = endpoint.NetnsPath };
        }
    }

    private HostConfig HostConfig(ExecStep step) => SpecDefaults.Complete(
        new HostConfig
        {
            NetworkMode = step.Network switch { StepNetwork.Host => "host", StepNetwork.None => "none", _ => "bridge" },
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

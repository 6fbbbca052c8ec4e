using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Confine;

namespace Gantry.Runtime.State;

/// <summary>Makes containers for the command line: cgroup, launch, state; everything undone when a step fails.</summary>
/// <param name="root">The runtime's root directory.</param>
/// <param name="seccomp">Where compiled filters are kept.</param>
/// <param name="time">The clock for the record.</param>
public sealed class ContainerFactory(string root, SeccompCache seccomp, TimeProvider time)
{
    /// <summary>Creates a container whose init waits at its gate.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="bundle">The bundle's directory, absolute.</param>
    /// <param name="outlive">Init waits at a FIFO for another process's <c>start</c>; otherwise for the returned process's.</param>
    /// <param name="shape">Fills in streams and flags of the request.</param>
    /// <exception cref="GantryException">Nothing is left behind.</exception>
    public (Container Container, LaunchedProcess Init) Create(string id, string bundle, bool outlive, Func<LaunchRequest, LaunchRequest> shape)
    {
        var directory = StateDirectory.Of(root, id);
        var json = ReadConfig(bundle);
        var config = RuntimeConfigReader.Read(json);
        directory.Create(id);
        ICgroup? cgroup = null;
        LaunchedProcess? init = null;
        try
        {
            using var held = directory.Lock(id);
            cgroup = Cgroup.Create(new CgroupSpec { Path = config.Linux?.CgroupsPath is { Length: > 0 } path ? path : $"/gantry-runtime-{id}", Resources = config.Linux?.Resources });
            using var gate = outlive ? StateDirectory.CreateFifo(directory.GatePath) : null;
            using var result = outlive ? StateDirectory.CreateFifo(directory.ResultPath) : null;
            init = ContainerLauncher.Create(shape(new LaunchRequest
            {
                Id = id,
                Config = config,
                BundlePath = bundle,
                CgroupJoinFiles = cgroup.JoinPaths,
                Seccomp = config.Linux?.Seccomp is { } profile ? seccomp.Get(profile) : null,
                GateFd = gate,
                ResultFd = result,
            }));
            var record = new ContainerRecord
            {
                Id = id,
                OciVersion = config.OciVersion,
                Pid = init.Pid,
                StartTime = ProcessStat.Find(init.Pid)?.StartTime ?? 0,
                Bundle = bundle,
                Rootfs = Path.GetFullPath(Path.Combine(bundle, config.Root!.Path)),
                Created = time.GetUtcNow(),
                CgroupPaths = cgroup.Paths,
                CgroupJoinFiles = cgroup.JoinPaths,
            };
            directory.Write(record, json);
            return (new Container(directory, record, config), init);
        }
        catch
        {
            if (init is not null)
            {
                _ = Processes.TrySignal(init.PidFd, Processes.SIGKILL);
                _ = Processes.TryWait(init.PidFd, block: true, out _);
                init.Dispose();
            }

            cgroup?.Delete();
            directory.Remove();
            throw;
        }
    }

    private static byte[] ReadConfig(string bundle)
    {
        var path = bundle + "/config.json";
        try
        {
            return Files.ReadAll(path);
        }
        catch (SyscallException e)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"the bundle's {path} cannot be read: {Kernel.Abi.Errno.Text(e.Number)}: make one with \"gantry-runtime spec --bundle {bundle}\"", new LaunchFailure(LaunchStage.Bundle, e.Number), e);
        }
    }
}

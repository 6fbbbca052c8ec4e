using System.Text.Json;

namespace Gantry.Model.Oci;

/// <summary>The <c>linux</c> part of <see cref="RuntimeConfigWriter"/>.</summary>
internal static class LinuxConfigWriter
{
    public static void Linux(Utf8JsonWriter json, LinuxConfig value)
    {
        json.WriteStartObject();
        json.List("uidMappings", value.UidMappings, Mapping);
        json.List("gidMappings", value.GidMappings, Mapping);
        json.Texts("sysctl", value.Sysctl);
        json.Object("resources", value.Resources, Resources);
        json.Text("cgroupsPath", value.CgroupsPath);
        json.List("namespaces", value.Namespaces, Namespace);
        json.List("devices", value.Devices, Device);
        json.Map("netDevices", value.NetDevices, NetDevice);
        json.Object("seccomp", value.Seccomp, Seccomp);
        json.Text("rootfsPropagation", value.RootfsPropagation);
        json.Texts("maskedPaths", value.MaskedPaths);
        json.Texts("readonlyPaths", value.ReadonlyPaths);
        json.Text("mountLabel", value.MountLabel);
        json.Object("personality", value.Personality, Personality);
        json.Map("timeOffsets", value.TimeOffsets, TimeOffset);
        json.WriteEndObject();
    }

    public static void Mapping(Utf8JsonWriter json, IdMapping value)
    {
        json.WriteStartObject();
        json.WriteNumber("containerID", value.ContainerID);
        json.WriteNumber("hostID", value.HostID);
        json.WriteNumber("size", value.Size);
        json.WriteEndObject();
    }

    private static void Namespace(Utf8JsonWriter json, LinuxNamespace value)
    {
        json.WriteStartObject();
        json.Text("type", value.Type);
        json.Text("path", value.Path);
        json.WriteEndObject();
    }

    private static void Device(Utf8JsonWriter json, LinuxDevice value)
    {
        json.WriteStartObject();
        json.Text("path", value.Path);
        json.Text("type", value.Type);
        json.WriteNumber("major", value.Major);
        json.WriteNumber("minor", value.Minor);
        if (value.FileMode is { } fileMode) json.WriteNumber("fileMode", fileMode);
        if (value.Uid is { } uid) json.WriteNumber("uid", uid);
        if (value.Gid is { } gid) json.WriteNumber("gid", gid);
        json.WriteEndObject();
    }

    private static void NetDevice(Utf8JsonWriter json, LinuxNetDevice value)
    {
        json.WriteStartObject();
        json.Text("name", value.Name);
        json.WriteEndObject();
    }

    private static void TimeOffset(Utf8JsonWriter json, LinuxTimeOffset value)
    {
        json.WriteStartObject();
        json.WriteNumber("secs", value.Secs);
        json.WriteNumber("nanosecs", value.Nanosecs);
        json.WriteEndObject();
    }

    private static void Personality(Utf8JsonWriter json, LinuxPersonality value)
    {
        json.WriteStartObject();
        json.Text("domain", value.Domain);
        json.Texts("flags", value.Flags);
        json.WriteEndObject();
    }

    private static void Seccomp(Utf8JsonWriter json, LinuxSeccomp value)
    {
        json.WriteStartObject();
        json.Text("defaultAction", value.DefaultAction);
        if (value.DefaultErrnoRet is { } defaultErrnoRet) json.WriteNumber("defaultErrnoRet", defaultErrnoRet);
        json.Texts("architectures", value.Architectures);
        json.Texts("flags", value.Flags);
        json.Text("listenerPath", value.ListenerPath);
        json.Text("listenerMetadata", value.ListenerMetadata);
        json.List("syscalls", value.Syscalls, SyscallRule);
        json.WriteEndObject();
    }

    private static void SyscallRule(Utf8JsonWriter json, LinuxSyscallRule value)
    {
        json.WriteStartObject();
        json.Texts("names", value.Names);
        json.Text("action", value.Action);
        if (value.ErrnoRet is { } errnoRet) json.WriteNumber("errnoRet", errnoRet);
        json.List("args", value.Args, SyscallArg);
        json.WriteEndObject();
    }

    private static void SyscallArg(Utf8JsonWriter json, LinuxSyscallArg value)
    {
        json.WriteStartObject();
        json.WriteNumber("index", value.Index);
        json.WriteNumber("value", value.Value);
        if (value.ValueTwo is { } valueTwo) json.WriteNumber("valueTwo", valueTwo);
        json.Text("op", value.Op);
        json.WriteEndObject();
    }

    public static void Resources(Utf8JsonWriter json, LinuxResources value)
    {
        json.WriteStartObject();
        json.List("devices", value.Devices, DeviceRule);
        json.Object("memory", value.Memory, Memory);
        json.Object("cpu", value.Cpu, Cpu);
        json.Object("pids", value.Pids, Pids);
        json.Object("blockIO", value.BlockIO, BlockIo);
        json.List("hugepageLimits", value.HugepageLimits, Hugepages);
        json.Object("network", value.Network, Network);
        json.Map("rdma", value.Rdma, Rdma);
        json.Texts("unified", value.Unified);
        json.WriteEndObject();
    }

    private static void DeviceRule(Utf8JsonWriter json, LinuxDeviceRule value)
    {
        json.WriteStartObject();
        json.WriteBoolean("allow", value.Allow);
        json.Text("type", value.Type);
        if (value.Major is { } major) json.WriteNumber("major", major);
        if (value.Minor is { } minor) json.WriteNumber("minor", minor);
        json.Text("access", value.Access);
        json.WriteEndObject();
    }

    private static void Memory(Utf8JsonWriter json, LinuxMemory value)
    {
        json.WriteStartObject();
        if (value.Limit is { } limit) json.WriteNumber("limit", limit);
        if (value.Reservation is { } reservation) json.WriteNumber("reservation", reservation);
        if (value.Swap is { } swap) json.WriteNumber("swap", swap);
        if (value.Kernel is { } kernel) json.WriteNumber("kernel", kernel);
        if (value.KernelTCP is { } kernelTCP) json.WriteNumber("kernelTCP", kernelTCP);
        if (value.Swappiness is { } swappiness) json.WriteNumber("swappiness", swappiness);
        if (value.DisableOOMKiller is { } disableOOMKiller) json.WriteBoolean("disableOOMKiller", disableOOMKiller);
        if (value.UseHierarchy is { } useHierarchy) json.WriteBoolean("useHierarchy", useHierarchy);
        if (value.CheckBeforeUpdate is { } checkBeforeUpdate) json.WriteBoolean("checkBeforeUpdate", checkBeforeUpdate);
        json.WriteEndObject();
    }

    private static void Cpu(Utf8JsonWriter json, LinuxCpu value)
    {
        json.WriteStartObject();
        if (value.Shares is { } shares) json.WriteNumber("shares", shares);
        if (value.Quota is { } quota) json.WriteNumber("quota", quota);
        if (value.Burst is { } burst) json.WriteNumber("burst", burst);
        if (value.Period is { } period) json.WriteNumber("period", period);
        if (value.RealtimeRuntime is { } realtimeRuntime) json.WriteNumber("realtimeRuntime", realtimeRuntime);
        if (value.RealtimePeriod is { } realtimePeriod) json.WriteNumber("realtimePeriod", realtimePeriod);
        json.Text("cpus", value.Cpus);
        json.Text("mems", value.Mems);
        if (value.Idle is { } idle) json.WriteNumber("idle", idle);
        json.WriteEndObject();
    }

    private static void Pids(Utf8JsonWriter json, LinuxPids value)
    {
        json.WriteStartObject();
        if (value.Limit is { } limit) json.WriteNumber("limit", limit);
        json.WriteEndObject();
    }

    private static void BlockIo(Utf8JsonWriter json, LinuxBlockIo value)
    {
        json.WriteStartObject();
        if (value.Weight is { } weight) json.WriteNumber("weight", weight);
        if (value.LeafWeight is { } leafWeight) json.WriteNumber("leafWeight", leafWeight);
        json.List("weightDevice", value.WeightDevice, WeightDevice);
        json.List("throttleReadBpsDevice", value.ThrottleReadBpsDevice, Throttle);
        json.List("throttleWriteBpsDevice", value.ThrottleWriteBpsDevice, Throttle);
        json.List("throttleReadIOPSDevice", value.ThrottleReadIOPSDevice, Throttle);
        json.List("throttleWriteIOPSDevice", value.ThrottleWriteIOPSDevice, Throttle);
        json.WriteEndObject();
    }

    private static void WeightDevice(Utf8JsonWriter json, LinuxWeightDevice value)
    {
        json.WriteStartObject();
        json.WriteNumber("major", value.Major);
        json.WriteNumber("minor", value.Minor);
        if (value.Weight is { } weight) json.WriteNumber("weight", weight);
        if (value.LeafWeight is { } leafWeight) json.WriteNumber("leafWeight", leafWeight);
        json.WriteEndObject();
    }

    private static void Throttle(Utf8JsonWriter json, LinuxThrottleDevice value)
    {
        json.WriteStartObject();
        json.WriteNumber("major", value.Major);
        json.WriteNumber("minor", value.Minor);
        json.WriteNumber("rate", value.Rate);
        json.WriteEndObject();
    }

    private static void Hugepages(Utf8JsonWriter json, LinuxHugepageLimit value)
    {
        json.WriteStartObject();
        json.Text("pageSize", value.PageSize);
        json.WriteNumber("limit", value.Limit);
        json.WriteEndObject();
    }

    private static void Network(Utf8JsonWriter json, LinuxNetworkResources value)
    {
        json.WriteStartObject();
        if (value.ClassID is { } classID) json.WriteNumber("classID", classID);
        json.List("priorities", value.Priorities, Priority);
        json.WriteEndObject();
    }

    private static void Priority(Utf8JsonWriter json, LinuxInterfacePriority value)
    {
        json.WriteStartObject();
        json.Text("name", value.Name);
        json.WriteNumber("priority", value.Priority);
        json.WriteEndObject();
    }

    private static void Rdma(Utf8JsonWriter json, LinuxRdma value)
    {
        json.WriteStartObject();
        if (value.HcaHandles is { } hcaHandles) json.WriteNumber("hcaHandles", hcaHandles);
        if (value.HcaObjects is { } hcaObjects) json.WriteNumber("hcaObjects", hcaObjects);
        json.WriteEndObject();
    }
}

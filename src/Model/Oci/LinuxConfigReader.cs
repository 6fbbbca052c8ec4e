namespace Gantry.Model.Oci;

/// <summary>The <c>linux</c> part of <see cref="RuntimeConfigReader"/>.</summary>
internal static class LinuxConfigReader
{
    public static LinuxConfig Read(JsonNodeReader n)
    {
        if (n.Has("intelRdt")) throw GantryException.Of(ErrorKind.NotSupported, "linux.intelRdt is not supported: remove it from config.json");
        return new LinuxConfig
        {
            UidMappings = n.List("uidMappings", ReadMapping),
            GidMappings = n.List("gidMappings", ReadMapping),
            Sysctl = n.Texts("sysctl"),
            Resources = n.Object("resources", ReadResources),
            CgroupsPath = n.Text("cgroupsPath"),
            Namespaces = n.List("namespaces", s => new LinuxNamespace { Type = s.Text("type") ?? throw s.Missing("type"), Path = s.Text("path") }),
            Devices = n.List("devices", ReadDevice),
            NetDevices = n.Map("netDevices", d => new LinuxNetDevice { Name = d.Text("name") }),
            Seccomp = n.Object("seccomp", ReadSeccomp),
            RootfsPropagation = n.Text("rootfsPropagation"),
            MaskedPaths = n.Strings("maskedPaths"),
            ReadonlyPaths = n.Strings("readonlyPaths"),
            MountLabel = n.Text("mountLabel"),
            Personality = n.Object("personality", p => new LinuxPersonality { Domain = p.Text("domain") ?? throw p.Missing("domain"), Flags = p.Strings("flags") }),
            TimeOffsets = n.Map("timeOffsets", o => new LinuxTimeOffset { Secs = o.Long("secs") ?? 0, Nanosecs = o.UInt("nanosecs") ?? 0 }),
        };
    }

    public static IdMapping ReadMapping(JsonNodeReader n) => new()
    {
        ContainerID = n.UInt("containerID") ?? 0,
        HostID = n.UInt("hostID") ?? 0,
        Size = n.UInt("size") ?? 0,
    };

    public static LinuxResources ReadResources(JsonNodeReader n) => new()
    {
        Devices = n.List("devices", d => new LinuxDeviceRule
        {
            Allow = d.Flag("allow"),
            Type = d.Text("type"),
            Major = d.Long("major"),
            Minor = d.Long("minor"),
            Access = d.Text("access"),
        }),
        Memory = n.Object("memory", ReadMemory),
        Cpu = n.Object("cpu", ReadCpu),
        Pids = n.Object("pids", p => new LinuxPids { Limit = p.Long("limit") }),
        BlockIO = n.Object("blockIO", ReadBlockIo),
        HugepageLimits = n.List("hugepageLimits", h => new LinuxHugepageLimit { PageSize = h.Text("pageSize") ?? throw h.Missing("pageSize"), Limit = h.ULong("limit") ?? 0 }),
        Network = n.Object("network", w => new LinuxNetworkResources
        {
            ClassID = w.UInt("classID"),
            Priorities = w.List("priorities", p => new LinuxInterfacePriority { Name = p.Text("name") ?? throw p.Missing("name"), Priority = p.UInt("priority") ?? 0 }),
        }),
        Rdma = n.Map("rdma", r => new LinuxRdma { HcaHandles = r.UInt("hcaHandles"), HcaObjects = r.UInt("hcaObjects") }),
        Unified = n.Texts("unified"),
    };

    private static LinuxMemory ReadMemory(JsonNodeReader n) => new()
    {
        Limit = n.Long("limit"),
        Reservation = n.Long("reservation"),
        Swap = n.Long("swap"),
        Kernel = n.Long("kernel"),
        KernelTCP = n.Long("kernelTCP"),
        Swappiness = n.ULong("swappiness"),
        DisableOOMKiller = n.FindFlag("disableOOMKiller"),
        UseHierarchy = n.FindFlag("useHierarchy"),
        CheckBeforeUpdate = n.FindFlag("checkBeforeUpdate"),
    };

    private static LinuxCpu ReadCpu(JsonNodeReader n) => new()
    {
        Shares = n.ULong("shares"),
        Quota = n.Long("quota"),
        Burst = n.ULong("burst"),
        Period = n.ULong("period"),
        RealtimeRuntime = n.Long("realtimeRuntime"),
        RealtimePeriod = n.ULong("realtimePeriod"),
        Cpus = n.Text("cpus"),
        Mems = n.Text("mems"),
        Idle = n.Long("idle"),
    };

    private static LinuxBlockIo ReadBlockIo(JsonNodeReader n) => new()
    {
        Weight = n.UShort("weight"),
        LeafWeight = n.UShort("leafWeight"),
        WeightDevice = n.List("weightDevice", d => new LinuxWeightDevice
        {
            Major = d.Long("major") ?? 0,
            Minor = d.Long("minor") ?? 0,
            Weight = d.UShort("weight"),
            LeafWeight = d.UShort("leafWeight"),
        }),
        ThrottleReadBpsDevice = n.List("throttleReadBpsDevice", ReadThrottle),
        ThrottleWriteBpsDevice = n.List("throttleWriteBpsDevice", ReadThrottle),
        ThrottleReadIOPSDevice = n.List("throttleReadIOPSDevice", ReadThrottle),
        ThrottleWriteIOPSDevice = n.List("throttleWriteIOPSDevice", ReadThrottle),
    };

    private static LinuxThrottleDevice ReadThrottle(JsonNodeReader n) => new()
    {
        Major = n.Long("major") ?? 0,
        Minor = n.Long("minor") ?? 0,
        Rate = n.ULong("rate") ?? 0,
    };

    private static LinuxDevice ReadDevice(JsonNodeReader n) => new()
    {
        Path = n.Text("path") ?? throw n.Missing("path"),
        Type = n.Text("type") ?? throw n.Missing("type"),
        Major = n.Long("major") ?? 0,
        Minor = n.Long("minor") ?? 0,
        FileMode = n.UInt("fileMode"),
        Uid = n.UInt("uid"),
        Gid = n.UInt("gid"),
    };

    private static LinuxSeccomp ReadSeccomp(JsonNodeReader n) => new()
    {
        DefaultAction = n.Text("defaultAction") ?? throw n.Missing("defaultAction"),
        DefaultErrnoRet = n.UInt("defaultErrnoRet"),
        Architectures = n.Strings("architectures"),
        Flags = n.Strings("flags"),
        ListenerPath = n.Text("listenerPath"),
        ListenerMetadata = n.Text("listenerMetadata"),
        Syscalls = n.List("syscalls", s => new LinuxSyscallRule
        {
            Names = s.Strings("names") ?? throw s.Missing("names"),
            Action = s.Text("action") ?? throw s.Missing("action"),
            ErrnoRet = s.UInt("errnoRet"),
            Args = s.List("args", a => new LinuxSyscallArg
            {
                Index = a.UInt("index") ?? 0,
                Value = a.ULong("value") ?? 0,
                ValueTwo = a.ULong("valueTwo"),
                Op = a.Text("op") ?? throw a.Missing("op"),
            }),
        }),
    };
}

using System.Buffers;
using System.Text.Json;
using Gantry.Kernel.Abi;

namespace Gantry.Apps.GantryRuntime.Commands;

/// <summary><c>features</c>: what this runtime can do, for engines that ask first. Source: runtime-spec features.md.</summary>
internal static class FeaturesCommand
{
    public static readonly Command Command = new("print what this runtime can do, as JSON", "", new([], ["--help"], []), Run);

    private static readonly string[] MountOptions =
    [
        "async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec", "idmap", "iversion", "lazytime", "loud", "mand", "noatime", "nodev", "nodiratime", "noexec",
        "noiversion", "nolazytime", "nomand", "norelatime", "nostrictatime", "nosuid", "nosymfollow", "private", "ratime", "rbind", "rdev", "rdiratime", "relatime", "remount", "rexec",
        "ridmap", "rnoatime", "rnodev", "rnodiratime", "rnoexec", "rnorelatime", "rnostrictatime", "rnosuid", "rnosymfollow", "ro", "rprivate", "rrelatime", "rro", "rrw", "rshared",
        "rslave", "rstrictatime", "rsuid", "rsymfollow", "runbindable", "rw", "shared", "silent", "slave", "strictatime", "suid", "symfollow", "sync", "tmpcopyup", "unbindable",
    ];

    private static int Run(RuntimeContext context, ParsedOptions options)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true })) Write(json);
        output.Write("\n"u8);
        Output.Write(output.WrittenSpan);
        return 0;
    }

    private static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("ociVersionMin", "1.0.0");
        json.WriteString("ociVersionMax", Versions.Spec);
        List(json, "hooks", ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]);
        List(json, "mountOptions", MountOptions);
        json.WriteStartObject("linux");
        List(json, "namespaces", ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]);
        List(json, "capabilities", [.. Capability.NamesOf(ulong.MaxValue)]);
        json.WriteStartObject("cgroup");
        json.WriteBoolean("v1", true);
        json.WriteBoolean("v2", true);
        json.WriteBoolean("systemd", false);
        json.WriteBoolean("systemdUser", false);
        json.WriteBoolean("rdma", true);
        json.WriteEndObject();
        json.WriteStartObject("seccomp");
        json.WriteBoolean("enabled", true);
        List(json, "actions", ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"]);
        List(json, "operators", ["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"]);
        json.WriteEndObject();
        Flag(json, "apparmor", true);
        Flag(json, "selinux", true);
        Flag(json, "intelRdt", false);
        json.WriteStartObject("mountExtensions");
        Flag(json, "idmap", true);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString("io.gantry.runtime.version", Versions.Program);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Flag(Utf8JsonWriter json, string name, bool enabled)
    {
        json.WriteStartObject(name);
        json.WriteBoolean("enabled", enabled);
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

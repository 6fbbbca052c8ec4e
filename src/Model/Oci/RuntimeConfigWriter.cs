using System.Buffers;
using System.Text.Json;

namespace Gantry.Model.Oci;

/// <summary>Writes <c>config.json</c> as the specification names its members; what is null is left out.</summary>
public static class RuntimeConfigWriter
{
    /// <summary>Writes a whole config.</summary>
    public static void Write(IBufferWriter<byte> output, RuntimeConfig config, bool indented = false)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = indented });
        WriteConfig(json, config);
    }

    /// <summary>Writes a state (what <c>state</c> prints and hooks read).</summary>
    public static void Write(IBufferWriter<byte> output, RuntimeState state, bool indented = false)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = indented });
        WriteState(json, state);
    }

    /// <summary>Writes a process object.</summary>
    public static void Write(IBufferWriter<byte> output, RuntimeProcess process)
    {
        using var json = new Utf8JsonWriter(output);
        WriteProcess(json, process);
    }

    /// <summary>Writes a resources object.</summary>
    public static void Write(IBufferWriter<byte> output, LinuxResources resources)
    {
        using var json = new Utf8JsonWriter(output);
        LinuxConfigWriter.Resources(json, resources);
    }

    private static void WriteConfig(Utf8JsonWriter json, RuntimeConfig value)
    {
        json.WriteStartObject();
        json.Text("ociVersion", value.OciVersion);
        json.Object("process", value.Process, WriteProcess);
        json.Object("root", value.Root, WriteRoot);
        json.Text("hostname", value.Hostname);
        json.Text("domainname", value.Domainname);
        json.List("mounts", value.Mounts, WriteMount);
        json.Object("hooks", value.Hooks, WriteHooks);
        json.Texts("annotations", value.Annotations);
        json.Object("linux", value.Linux, LinuxConfigWriter.Linux);
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, RuntimeState value)
    {
        json.WriteStartObject();
        json.Text("ociVersion", value.OciVersion);
        json.Text("id", value.Id);
        json.Text("status", value.Status);
        if (value.Pid is { } pid) json.WriteNumber("pid", pid);
        json.Text("bundle", value.Bundle);
        json.Texts("annotations", value.Annotations);
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, RuntimeProcess value)
    {
        json.WriteStartObject();
        json.WriteBoolean("terminal", value.Terminal);
        json.Object("consoleSize", value.ConsoleSize, WriteConsoleSize);
        json.Object("user", value.User, WriteUser);
        json.Texts("args", value.Args);
        json.Texts("env", value.Env);
        json.Text("cwd", value.Cwd);
        json.Object("capabilities", value.Capabilities, WriteCapabilities);
        json.List("rlimits", value.Rlimits, WriteRlimit);
        json.WriteBoolean("noNewPrivileges", value.NoNewPrivileges);
        json.Text("apparmorProfile", value.ApparmorProfile);
        json.Text("selinuxLabel", value.SelinuxLabel);
        if (value.OomScoreAdj is { } oomScoreAdj) json.WriteNumber("oomScoreAdj", oomScoreAdj);
        json.Object("scheduler", value.Scheduler, WriteScheduler);
        json.Object("ioPriority", value.IoPriority, WriteIoPriority);
        json.WriteEndObject();
    }

    private static void WriteConsoleSize(Utf8JsonWriter json, ConsoleSize value)
    {
        json.WriteStartObject();
        json.WriteNumber("height", value.Height);
        json.WriteNumber("width", value.Width);
        json.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter json, RuntimeUser value)
    {
        json.WriteStartObject();
        json.WriteNumber("uid", value.Uid);
        json.WriteNumber("gid", value.Gid);
        if (value.Umask is { } umask) json.WriteNumber("umask", umask);
        json.Numbers("additionalGids", value.AdditionalGids);
        json.WriteEndObject();
    }

    private static void WriteCapabilities(Utf8JsonWriter json, RuntimeCapabilities value)
    {
        json.WriteStartObject();
        json.Texts("bounding", value.Bounding);
        json.Texts("effective", value.Effective);
        json.Texts("inheritable", value.Inheritable);
        json.Texts("permitted", value.Permitted);
        json.Texts("ambient", value.Ambient);
        json.WriteEndObject();
    }

    private static void WriteRlimit(Utf8JsonWriter json, RuntimeRlimit value)
    {
        json.WriteStartObject();
        json.Text("type", value.Type);
        json.WriteNumber("hard", value.Hard);
        json.WriteNumber("soft", value.Soft);
        json.WriteEndObject();
    }

    private static void WriteScheduler(Utf8JsonWriter json, RuntimeScheduler value)
    {
        json.WriteStartObject();
        json.Text("policy", value.Policy);
        if (value.Nice is { } nice) json.WriteNumber("nice", nice);
        if (value.Priority is { } priority) json.WriteNumber("priority", priority);
        json.Texts("flags", value.Flags);
        if (value.Runtime is { } runtime) json.WriteNumber("runtime", runtime);
        if (value.Deadline is { } deadline) json.WriteNumber("deadline", deadline);
        if (value.Period is { } period) json.WriteNumber("period", period);
        json.WriteEndObject();
    }

    private static void WriteIoPriority(Utf8JsonWriter json, RuntimeIoPriority value)
    {
        json.WriteStartObject();
        json.Text("class", value.Class);
        json.WriteNumber("priority", value.Priority);
        json.WriteEndObject();
    }

    private static void WriteRoot(Utf8JsonWriter json, RuntimeRoot value)
    {
        json.WriteStartObject();
        json.Text("path", value.Path);
        json.WriteBoolean("readonly", value.Readonly);
        json.WriteEndObject();
    }

    private static void WriteMount(Utf8JsonWriter json, RuntimeMount value)
    {
        json.WriteStartObject();
        json.Text("destination", value.Destination);
        json.Text("type", value.Type);
        json.Text("source", value.Source);
        json.Texts("options", value.Options);
        json.List("uidMappings", value.UidMappings, LinuxConfigWriter.Mapping);
        json.List("gidMappings", value.GidMappings, LinuxConfigWriter.Mapping);
        json.WriteEndObject();
    }

    private static void WriteHooks(Utf8JsonWriter json, RuntimeHooks value)
    {
        json.WriteStartObject();
        json.List("prestart", value.Prestart, WriteHook);
        json.List("createRuntime", value.CreateRuntime, WriteHook);
        json.List("createContainer", value.CreateContainer, WriteHook);
        json.List("startContainer", value.StartContainer, WriteHook);
        json.List("poststart", value.Poststart, WriteHook);
        json.List("poststop", value.Poststop, WriteHook);
        json.WriteEndObject();
    }

    private static void WriteHook(Utf8JsonWriter json, RuntimeHook value)
    {
        json.WriteStartObject();
        json.Text("path", value.Path);
        json.Texts("args", value.Args);
        json.Texts("env", value.Env);
        if (value.Timeout is { } timeout) json.WriteNumber("timeout", timeout);
        json.WriteEndObject();
    }
}

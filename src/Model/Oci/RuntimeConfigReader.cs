using System.Text.Json;

namespace Gantry.Model.Oci;

/// <summary>
/// Reads <c>config.json</c> by walking it: a generated deserializer costs the runtime 1.4 ms at its first use, this a tenth.
/// Unknown members are ignored, as the specification asks; a member of the wrong kind is an error that gives its path.
/// </summary>
public static class RuntimeConfigReader
{
    /// <summary>Reads a whole config.</summary>
    /// <exception cref="GantryException">Invalid: not JSON, or a member of the wrong kind. NotSupported: a member this runtime cannot honour.</exception>
    public static RuntimeConfig Read(ReadOnlySpan<byte> json) =>
        Walk(json, "config.json", static root => ReadConfig(new JsonNodeReader(root, "")));

    /// <summary>Reads a process object (<c>exec --process FILE</c>).</summary>
    /// <exception cref="GantryException">Invalid: not JSON, or a member of the wrong kind.</exception>
    public static RuntimeProcess ReadProcess(ReadOnlySpan<byte> json) =>
        Walk(json, "the process file", static root => ReadProcess(new JsonNodeReader(root, "process")));

    /// <summary>Reads a resources object (<c>update --resources FILE</c>).</summary>
    /// <exception cref="GantryException">Invalid: not JSON, or a member of the wrong kind.</exception>
    public static LinuxResources ReadResources(ReadOnlySpan<byte> json) =>
        Walk(json, "the resources file", static root => LinuxConfigReader.ReadResources(new JsonNodeReader(root, "resources")));

    private static T Walk<T>(ReadOnlySpan<byte> json, string what, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json.ToArray());
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"{what} is not valid JSON: {e.Message}", cause: e);
        }
        catch (InvalidOperationException e)
        {
            // Values are looked at one by one; this is the name of a member.
            throw GantryException.Of(ErrorKind.Invalid, $"{what} has a name that is not valid Unicode", cause: e);
        }
    }

    private static RuntimeConfig ReadConfig(JsonNodeReader n) => new()
    {
        OciVersion = n.Text("ociVersion") ?? throw n.Missing("ociVersion"),
        Process = n.Object("process", ReadProcess),
        Root = n.Object("root", r => new RuntimeRoot { Path = r.Text("path") ?? throw r.Missing("path"), Readonly = r.Flag("readonly") }),
        Hostname = n.Text("hostname"),
        Domainname = n.Text("domainname"),
        Mounts = n.List("mounts", ReadMount) ?? [],
        Hooks = n.Object("hooks", ReadHooks),
        Annotations = n.Texts("annotations"),
        Linux = n.Object("linux", LinuxConfigReader.Read),
    };

    private static RuntimeProcess ReadProcess(JsonNodeReader n) => new()
    {
        Terminal = n.Flag("terminal"),
        ConsoleSize = n.Object("consoleSize", s => new ConsoleSize { Height = s.UInt("height") ?? 0, Width = s.UInt("width") ?? 0 }),
        User = n.Object("user", ReadUser) ?? new RuntimeUser(),
        Args = n.Strings("args") ?? [],
        Env = n.Strings("env") ?? [],
        Cwd = n.Text("cwd") ?? "",
        Capabilities = n.Object("capabilities", ReadCapabilities),
        Rlimits = n.List("rlimits", r => new RuntimeRlimit
        {
            Type = r.Text("type") ?? throw r.Missing("type"),
            Hard = r.ULong("hard") ?? 0,
            Soft = r.ULong("soft") ?? 0,
        }),
        NoNewPrivileges = n.Flag("noNewPrivileges"),
        ApparmorProfile = n.Text("apparmorProfile"),
        SelinuxLabel = n.Text("selinuxLabel"),
        OomScoreAdj = n.Int("oomScoreAdj"),
        Scheduler = n.Object("scheduler", ReadScheduler),
        IoPriority = n.Object("ioPriority", p => new RuntimeIoPriority { Class = p.Text("class") ?? throw p.Missing("class"), Priority = p.Int("priority") ?? 0 }),
    };

    private static RuntimeUser ReadUser(JsonNodeReader n) => new()
    {
        Uid = n.UInt("uid") ?? 0,
        Gid = n.UInt("gid") ?? 0,
        Umask = n.UInt("umask"),
        AdditionalGids = n.Values<uint>("additionalGids", static e => e.TryGetUInt32(out var value) ? value : (uint?)null),
    };

    private static RuntimeCapabilities ReadCapabilities(JsonNodeReader n) => new()
    {
        Bounding = n.Strings("bounding"),
        Effective = n.Strings("effective"),
        Inheritable = n.Strings("inheritable"),
        Permitted = n.Strings("permitted"),
        Ambient = n.Strings("ambient"),
    };

    private static RuntimeScheduler ReadScheduler(JsonNodeReader n) => new()
    {
        Policy = n.Text("policy") ?? throw n.Missing("policy"),
        Nice = n.Int("nice"),
        Priority = n.Int("priority"),
        Flags = n.Strings("flags"),
        Runtime = n.ULong("runtime"),
        Deadline = n.ULong("deadline"),
        Period = n.ULong("period"),
    };

    private static RuntimeMount ReadMount(JsonNodeReader n) => new()
    {
        Destination = n.Text("destination") ?? throw n.Missing("destination"),
        Type = n.Text("type"),
        Source = n.Text("source"),
        Options = n.Strings("options"),
        UidMappings = n.List("uidMappings", LinuxConfigReader.ReadMapping),
        GidMappings = n.List("gidMappings", LinuxConfigReader.ReadMapping),
    };

    private static RuntimeHooks ReadHooks(JsonNodeReader n) => new()
    {
        Prestart = n.List("prestart", ReadHook),
        CreateRuntime = n.List("createRuntime", ReadHook),
        CreateContainer = n.List("createContainer", ReadHook),
        StartContainer = n.List("startContainer", ReadHook),
        Poststart = n.List("poststart", ReadHook),
        Poststop = n.List("poststop", ReadHook),
    };

    private static RuntimeHook ReadHook(JsonNodeReader n) => new()
    {
        Path = n.Text("path") ?? throw n.Missing("path"),
        Args = n.Strings("args"),
        Env = n.Strings("env"),
        Timeout = n.Int("timeout"),
    };
}

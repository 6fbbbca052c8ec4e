using System.Buffers;
using System.Text.Json;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;

namespace Gantry.Model.Monitor;

/// <summary>The payloads of what an engine asks of a monitor, as JSON by hand: source-generated code would double the monitor's memory.</summary>
public static class MonitorRequests
{
    // The peer is trusted (a socket of mode 0600, the same user), so no text is escaped for HTML.
    internal static readonly JsonWriterOptions Compact = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteBind(IBufferWriter<byte> to, MonitorBindRequest request)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteString("id"u8, request.ContainerId);
        json.WriteString("directory"u8, request.Directory);
        if (request.CachePath is not null)
            json.WriteString("cache"u8, request.CachePath);
        json.WriteEndObject();
    }

    public static MonitorBindRequest ReadBind(ReadOnlySpan<byte> payload)
    {
        string? id = null, directory = null, cache = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("id"u8))
                id = Text(ref json);
            else if (json.ValueTextEquals("directory"u8))
                directory = Text(ref json);
            else if (json.ValueTextEquals("cache"u8))
                cache = Text(ref json);
            else
                json.Skip();
        }
        return new MonitorBindRequest { ContainerId = Required(id, "id"), Directory = Required(directory, "directory"), CachePath = cache };
    }

    public static void WriteCreate(IBufferWriter<byte> to, MonitorCreateRequest request)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        if (request.OpenStdin)
            json.WriteBoolean("stdin"u8, true);
        if (request.StdinOnce)
            json.WriteBoolean("stdinOnce"u8, true);
        if (request.NetworkNamespaceIndex is { } index)
            json.WriteNumber("netns"u8, index);
        if (request.Relays.Count > 0)
            RelayMessages.Write(json, request.Relays);
        if (request.Log is { } log)
            LogMessages.Write(json, log);
        if (request.Runtime is { } runtime)
            WriteRuntime(json, runtime);
        if (request.Health is { } health)
            HealthMessages.WriteSpec(json, health);
        json.WriteStartArray("rootfs"u8);
        foreach (var mount in request.RootfsMounts)
            WriteMount(json, mount);
        json.WriteEndArray();
        WriteConfig(json, request.Config);
        json.WriteEndObject();
    }

    public static MonitorCreateRequest ReadCreate(ReadOnlySpan<byte> payload)
    {
        bool stdin = false, stdinOnce = false;
        int? netns = null;
        IReadOnlyList<MonitorRelay> relays = [];
        MonitorLogOptions? log = null;
        MonitorRuntime? runtime = null;
        MonitorHealthSpec? health = null;
        RuntimeConfig? config = null;
        List<RootfsMount> mounts = [];
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("stdin"u8))
                stdin = Flag(ref json);
            else if (json.ValueTextEquals("stdinOnce"u8))
                stdinOnce = Flag(ref json);
            else if (json.ValueTextEquals("netns"u8))
                netns = Number(ref json);
            else if (json.ValueTextEquals("relays"u8))
                relays = RelayMessages.Read(ref json);
            else if (json.ValueTextEquals("log"u8))
                log = LogMessages.Read(ref json);
            else if (json.ValueTextEquals("runtime"u8))
                runtime = ReadRuntime(ref json);
            else if (json.ValueTextEquals("health"u8))
                health = HealthMessages.ReadSpec(payload, ref json);
            else if (json.ValueTextEquals("rootfs"u8))
                ReadMounts(ref json, mounts);
            else if (json.ValueTextEquals("config"u8))
                config = ReadConfig(payload, ref json);
            else
                json.Skip();
        }
        return new MonitorCreateRequest
        {
            Config = config ?? throw Missing("config"),
            RootfsMounts = mounts,
            OpenStdin = stdin,
            StdinOnce = stdinOnce,
            Log = log,
            Runtime = runtime,
            Health = health,
            NetworkNamespaceIndex = netns,
            Relays = relays,
        };
    }

    public static void WriteExec(IBufferWriter<byte> to, MonitorExecRequest request, MonitorAttachRequest? attach)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteString("exec"u8, request.ExecId);
        if (request.OpenStdin)
            json.WriteBoolean("stdin"u8, true);
        if (attach is not null)
        {
            json.WritePropertyName("attach"u8);
            WriteAttach(json, attach);
        }
        WriteConfig(json, new RuntimeConfig { Process = request.Process });
        json.WriteEndObject();
    }

    public static (MonitorExecRequest Request, MonitorAttachRequest? Attach) ReadExec(ReadOnlySpan<byte> payload)
    {
        string? id = null;
        var stdin = false;
        RuntimeConfig? config = null;
        MonitorAttachRequest? attach = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("exec"u8))
                id = Text(ref json);
            else if (json.ValueTextEquals("stdin"u8))
                stdin = Flag(ref json);
            else if (json.ValueTextEquals("attach"u8))
                attach = ReadAttach(ref json);
            else if (json.ValueTextEquals("config"u8))
                config = ReadConfig(payload, ref json);
            else
                json.Skip();
        }
        var request = new MonitorExecRequest { ExecId = Required(id, "exec"), Process = config?.Process ?? throw Missing("config.process"), OpenStdin = stdin };
        return (request, attach);
    }

    public static void WriteAttach(IBufferWriter<byte> to, MonitorAttachRequest request)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        WriteAttach(json, request);
    }

    public static MonitorAttachRequest ReadAttach(ReadOnlySpan<byte> payload)
    {
        var json = new Utf8JsonReader(payload);
        return ReadAttach(ref json);
    }

    public static void WriteKill(IBufferWriter<byte> to, int signal)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        json.WriteNumber("signal"u8, signal);
        json.WriteEndObject();
    }

    public static int ReadKill(ReadOnlySpan<byte> payload)
    {
        int? signal = null;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("signal"u8))
                signal = Number(ref json);
            else
                json.Skip();
        }
        return signal ?? throw Missing("signal");
    }

    /// <summary>The limits as <c>config.json</c> has them.</summary>
    public static void WriteUpdate(IBufferWriter<byte> to, LinuxResources limits) => RuntimeConfigWriter.Write(to, limits);

    public static LinuxResources ReadUpdate(ReadOnlySpan<byte> payload) => RuntimeConfigReader.ReadResources(payload);

    public static void WriteResize(IBufferWriter<byte> to, string? execId, int height, int width)
    {
        using var json = new Utf8JsonWriter(to, Compact);
        json.WriteStartObject();
        if (execId is not null)
            json.WriteString("exec"u8, execId);
        json.WriteNumber("height"u8, height);
        json.WriteNumber("width"u8, width);
        json.WriteEndObject();
    }

    public static (string? ExecId, int Height, int Width) ReadResize(ReadOnlySpan<byte> payload)
    {
        string? id = null;
        int height = 0, width = 0;
        var json = Open(payload);
        while (Next(ref json))
        {
            if (json.ValueTextEquals("exec"u8))
                id = Text(ref json);
            else if (json.ValueTextEquals("height"u8))
                height = Number(ref json);
            else if (json.ValueTextEquals("width"u8))
                width = Number(ref json);
            else
                json.Skip();
        }
        return (id, height, width);
    }

    private static void WriteAttach(Utf8JsonWriter json, MonitorAttachRequest request)
    {
        json.WriteStartObject();
        if (request.ExecId is not null)
            json.WriteString("exec"u8, request.ExecId);
        json.WriteBoolean("stdin"u8, request.Stdin);
        json.WriteBoolean("stdout"u8, request.Stdout);
        json.WriteBoolean("stderr"u8, request.Stderr);
        json.WriteEndObject();
    }

    private static MonitorAttachRequest ReadAttach(ref Utf8JsonReader json)
    {
        string? id = null;
        bool stdin = false, stdout = false, stderr = false;
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("exec"u8))
                id = Text(ref json);
            else if (json.ValueTextEquals("stdin"u8))
                stdin = Flag(ref json);
            else if (json.ValueTextEquals("stdout"u8))
                stdout = Flag(ref json);
            else if (json.ValueTextEquals("stderr"u8))
                stderr = Flag(ref json);
            else
                json.Skip();
        }
        return new MonitorAttachRequest { ExecId = id, Stdin = stdin, Stdout = stdout, Stderr = stderr };
    }

    private static void WriteRuntime(Utf8JsonWriter json, MonitorRuntime runtime)
    {
        json.WriteStartObject("runtime"u8);
        json.WriteString("path"u8, runtime.Path);
        json.WriteStartArray("args"u8);
        foreach (var argument in runtime.Arguments)
            json.WriteStringValue(argument);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static MonitorRuntime ReadRuntime(ref Utf8JsonReader json)
    {
        string? path = null;
        List<string> arguments = [];
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("path"u8))
                path = Text(ref json);
            else if (json.ValueTextEquals("args"u8))
                ReadList(ref json, arguments);
            else
                json.Skip();
        }
        return new MonitorRuntime(Required(path, "runtime.path"), arguments);
    }

    private static void ReadList(ref Utf8JsonReader json, List<string> texts)
    {
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.String)
            texts.Add(json.GetString()!);
    }

    private static void WriteMount(Utf8JsonWriter json, RootfsMount mount)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, mount.Type);
        json.WriteString("source"u8, mount.Source);
        json.WriteStartArray("options"u8);
        foreach (var option in mount.Options)
            json.WriteStringValue(option);
        json.WriteEndArray();
        if (mount.WorkingDirectory is not null)
            json.WriteString("cwd"u8, mount.WorkingDirectory);
        if (mount.MappedRoot is not null)
            json.WriteString("mapped"u8, mount.MappedRoot);
        json.WriteEndObject();
    }

    private static void ReadMounts(ref Utf8JsonReader json, List<RootfsMount> mounts)
    {
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            string? type = null, source = null, directory = null, mapped = null;
            List<string> options = [];
            while (Next(ref json))
            {
                if (json.ValueTextEquals("type"u8))
                    type = Text(ref json);
                else if (json.ValueTextEquals("source"u8))
                    source = Text(ref json);
                else if (json.ValueTextEquals("cwd"u8))
                    directory = Text(ref json);
                else if (json.ValueTextEquals("mapped"u8))
                    mapped = Text(ref json);
                else if (json.ValueTextEquals("options"u8))
                {
                    ReadList(ref json, options);
                }
                else
                {
                    json.Skip();
                }
            }
            mounts.Add(new RootfsMount { Type = Required(type, "rootfs.type"), Source = Required(source, "rootfs.source"), Options = options, WorkingDirectory = directory, MappedRoot = mapped });
        }
    }

    internal static void WriteConfig(Utf8JsonWriter json, RuntimeConfig config)
    {
        var buffer = new ArrayBufferWriter<byte>(16384);
        RuntimeConfigWriter.Write(buffer, config);
        json.WritePropertyName("config"u8);
        json.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
    }

    internal static RuntimeConfig ReadConfig(ReadOnlySpan<byte> payload, ref Utf8JsonReader json)
    {
        json.Read();
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return RuntimeConfigReader.Read(payload[start..(int)json.BytesConsumed]);
    }

    internal static Utf8JsonReader Open(ReadOnlySpan<byte> payload)
    {
        var json = new Utf8JsonReader(payload);
        json.Read();
        return json;
    }

    internal static bool Next(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    internal static string? Text(ref Utf8JsonReader json) => json.Read() ? json.GetString() : null;

    internal static int Number(ref Utf8JsonReader json) => json.Read() ? json.GetInt32() : 0;

    internal static bool Flag(ref Utf8JsonReader json) => json.Read() && json.GetBoolean();

    internal static string Required(string? text, string name) => text ?? throw Missing(name);

    internal static GantryException Missing(string name) => GantryException.Of(ErrorKind.Invalid, $"a message between engine and monitor lacks \"{name}\"");
}

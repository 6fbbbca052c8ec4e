using System.Text.Json;
using static Gantry.Model.Monitor.MonitorRequests;

namespace Gantry.Model.Monitor;

/// <summary>What an engine tells a monitor of its container's log.</summary>
internal static class LogMessages
{
    public static void Write(Utf8JsonWriter json, MonitorLogOptions log)
    {
        json.WriteStartObject("log"u8);
        json.WriteString("path"u8, log.Path);
        json.WriteNumber("maxSize"u8, log.MaxSizeBytes);
        json.WriteNumber("maxFiles"u8, log.MaxFiles);
        json.WriteBoolean("compress"u8, log.Compress);
        if (log.Attributes is { Count: > 0 } attributes)
            WriteTexts(json, "attrs"u8, attributes);
        if (log.Remote is { } remote)
            Write(json, remote);
        json.WriteEndObject();
    }

    public static MonitorLogOptions Read(ref Utf8JsonReader json)
    {
        string? path = null;
        long maxSize = 0;
        var maxFiles = 1;
        var compress = false;
        Dictionary<string, string>? attributes = null;
        MonitorRemoteLog? remote = null;
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("path"u8))
                path = Text(ref json);
            else if (json.ValueTextEquals("maxSize"u8))
                maxSize = json.Read() ? json.GetInt64() : 0;
            else if (json.ValueTextEquals("maxFiles"u8))
                maxFiles = Number(ref json);
            else if (json.ValueTextEquals("compress"u8))
                compress = Flag(ref json);
            else if (json.ValueTextEquals("attrs"u8))
                attributes = ReadTexts(ref json);
            else if (json.ValueTextEquals("remote"u8))
                remote = ReadRemote(ref json);
            else
                json.Skip();
        }
        return new MonitorLogOptions { Path = Required(path, "log.path"), MaxSizeBytes = maxSize, MaxFiles = maxFiles, Compress = compress, Attributes = attributes, Remote = remote };
    }

    private static void Write(Utf8JsonWriter json, MonitorRemoteLog remote)
    {
        json.WriteStartObject("remote"u8);
        json.WriteString("protocol"u8, remote.Protocol);
        json.WriteString("address"u8, remote.Address);
        json.WriteNumber("port"u8, remote.Port);
        json.WriteString("format"u8, remote.Format);
        json.WriteNumber("facility"u8, remote.Facility);
        json.WriteString("tag"u8, remote.Tag);
        json.WriteString("hostname"u8, remote.Hostname);
        json.WriteNumber("offset"u8, remote.UtcOffsetMinutes);
        json.WriteNumber("buffer"u8, remote.BufferBytes);
        json.WriteBoolean("drop"u8, remote.DropWhenFull);
        if (remote.Tls is { } tls)
            Write(json, tls);
        WriteTexts(json, "fields"u8, remote.Fields);
        json.WriteEndObject();
    }

    private static MonitorRemoteLog ReadRemote(ref Utf8JsonReader json)
    {
        string? protocol = null, address = null, format = null, tag = null, hostname = null;
        int port = 0, facility = 0, offset = 0, buffer = 0;
        var drop = false;
        MonitorTls? tls = null;
        Dictionary<string, string> fields = [];
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("protocol"u8))
                protocol = Text(ref json);
            else if (json.ValueTextEquals("address"u8))
                address = Text(ref json);
            else if (json.ValueTextEquals("port"u8))
                port = Number(ref json);
            else if (json.ValueTextEquals("format"u8))
                format = Text(ref json);
            else if (json.ValueTextEquals("facility"u8))
                facility = Number(ref json);
            else if (json.ValueTextEquals("tag"u8))
                tag = Text(ref json);
            else if (json.ValueTextEquals("hostname"u8))
                hostname = Text(ref json);
            else if (json.ValueTextEquals("offset"u8))
                offset = Number(ref json);
            else if (json.ValueTextEquals("buffer"u8))
                buffer = Number(ref json);
            else if (json.ValueTextEquals("drop"u8))
                drop = Flag(ref json);
            else if (json.ValueTextEquals("tls"u8))
                tls = ReadTls(ref json);
            else if (json.ValueTextEquals("fields"u8))
                fields = ReadTexts(ref json);
            else
                json.Skip();
        }
        return new MonitorRemoteLog
        {
            Protocol = Required(protocol, "remote.protocol"),
            Address = Required(address, "remote.address"),
            Port = port,
            Format = format ?? "",
            Facility = facility,
            Tag = tag ?? "",
            Hostname = hostname ?? "",
            UtcOffsetMinutes = offset,
            BufferBytes = buffer,
            DropWhenFull = drop,
            Tls = tls,
            Fields = fields,
        };
    }

    private static void Write(Utf8JsonWriter json, MonitorTls tls)
    {
        json.WriteStartObject("tls"u8);
        json.WriteString("host"u8, tls.Host);
        json.WriteString("ca"u8, tls.AuthorityFile);
        json.WriteString("cert"u8, tls.CertificateFile);
        json.WriteString("key"u8, tls.KeyFile);
        json.WriteBoolean("skipVerify"u8, tls.SkipVerify);
        json.WriteEndObject();
    }

    private static MonitorTls ReadTls(ref Utf8JsonReader json)
    {
        string? host = null, authority = null, certificate = null, key = null;
        var skipVerify = false;
        json.Read();
        while (Next(ref json))
        {
            if (json.ValueTextEquals("host"u8))
                host = Text(ref json);
            else if (json.ValueTextEquals("ca"u8))
                authority = Text(ref json);
            else if (json.ValueTextEquals("cert"u8))
                certificate = Text(ref json);
            else if (json.ValueTextEquals("key"u8))
                key = Text(ref json);
            else if (json.ValueTextEquals("skipVerify"u8))
                skipVerify = Flag(ref json);
            else
                json.Skip();
        }
        return new MonitorTls { Host = Required(host, "tls.host"), AuthorityFile = authority ?? "", CertificateFile = certificate ?? "", KeyFile = key ?? "", SkipVerify = skipVerify };
    }

    private static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, string> texts)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in texts)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static Dictionary<string, string> ReadTexts(ref Utf8JsonReader json)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        json.Read();
        while (Next(ref json))
        {
            var name = json.GetString()!;
            texts[name] = Text(ref json) ?? "";
        }
        return texts;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>Entries for systemd's journal in its native protocol. Pure.</summary>
/// <remarks>Source: systemd "Native Journal Protocol": <c>NAME=value</c> lines; a value with a newline as its length and bytes. Fields are those of moby daemon/logger/journald.</remarks>
public sealed class JournalFormat : ILineFormat
{
    private readonly byte[] _fields;

    public JournalFormat(MonitorRemoteLog target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var fields = new ArrayBufferWriter<byte>(256);
        foreach (var (name, value) in target.Fields)
            Field(fields, name, Encoding.UTF8.GetBytes(value));
        _fields = fields.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> line, bool isStderr, bool isWhole, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(to);
        Field(to, "MESSAGE", line);
        Field(to, "PRIORITY", isStderr ? "3"u8 : "6"u8);
        if (!isWhole)
            Field(to, "CONTAINER_PARTIAL_MESSAGE", "true"u8);
        Field(to, "SYSLOG_TIMESTAMP", Encoding.UTF8.GetBytes(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture)));
        to.Write(_fields);
    }

    private static void Field(IBufferWriter<byte> to, string name, ReadOnlySpan<byte> value)
    {
        to.Write(Encoding.ASCII.GetBytes(name));
        if (value.Contains((byte)'\n'))
        {
            to.Write("\n"u8);
            BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(8), value.Length);
            to.Advance(8);
        }
        else
        {
            to.Write("="u8);
        }
        to.Write(value);
        to.Write("\n"u8);
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>Messages for syslog, as Docker's driver writes them. Pure.</summary>
/// <remarks>
/// Source: moby daemon/logger/syslog and its srslog. Without a format: <c>&lt;30&gt;Jan  2 15:04:05 tag[pid]: line</c>; rfc3164 with the
/// host's name before the tag; rfc5424 as in that document, section 6, with the tag as program's name and message id. The latter
/// over TLS has its length before it (RFC 5425, section 4.3), as there.
/// </remarks>
public sealed class SyslogFormat(MonitorRemoteLog target, int pid) : ILineFormat
{
    private const int Error = 3;
    private const int Informational = 6;

    private readonly TimeSpan _offset = TimeSpan.FromMinutes(target.UtcOffsetMinutes);

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> line, bool isStderr, bool isWhole, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(to);
        var priority = (target.Facility << 3) | (isStderr ? Error : Informational);
        var local = time.ToOffset(_offset);
        var head = target.Format switch
        {
            "rfc5424" => Text($"<{priority}>1 {local:yyyy-MM-dd'T'HH:mm:ss}{Zone(local)} {target.Hostname} {target.Tag} {pid} {target.Tag} - "),
            "rfc5424micro" => Text($"<{priority}>1 {local:yyyy-MM-dd'T'HH:mm:ss.ffffff}{Zone(local)} {target.Hostname} {target.Tag} {pid} {target.Tag} - "),
            "rfc3164" => Text($"<{priority}>{Stamp(local)} {target.Hostname} {target.Tag}[{pid}]: "),
            _ => Text($"<{priority}>{Stamp(local)} {target.Tag}[{pid}]: "),
        };
        if (target.Tls is not null && target.Format.StartsWith("rfc5424", StringComparison.Ordinal))
            to.Write(Text($"{head.Length + line.Length + 1} "));
        to.Write(head);
        to.Write(line);
        to.Write("\n"u8);
    }

    private static string Zone(DateTimeOffset time) => time.Offset == TimeSpan.Zero ? "Z" : time.ToString("zzz", CultureInfo.InvariantCulture);

    // Go's time.Stamp: the day has two places, the first may be a space.
    private static string Stamp(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time:MMM} {time.Day,2} {time:HH:mm:ss}");

    private static byte[] Text(FormattableString text) => Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture));
}

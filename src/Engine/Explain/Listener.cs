using System.Globalization;
using System.Net;

namespace Gantry.Engine.Explain;

/// <summary>A socket that waits for connections or datagrams.</summary>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
internal sealed record Listener(string Protocol, IPAddress Address, int Port)
{
    private const string ListenState = "0A", UnconnectedState = "07";

    /// <summary>Whether only the container itself can reach it.</summary>
    public bool IsLocal => IPAddress.IsLoopback(Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address);

    /// <summary>Reads a table of sockets.</summary>
    /// <param name="table">The text of <c>/proc/PID/net/tcp</c>, <c>tcp6</c>, <c>udp</c> or <c>udp6</c>.</param>
    /// <remarks>Source: proc_pid_net(5); Documentation/networking/proc_net_tcp.rst: addresses are words of the host's byte order, in hexadecimal.</remarks>
    public static IEnumerable<Listener> Parse(string protocol, string table)
    {
        foreach (var line in table.Split('\n').Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 4 || fields[3] != (protocol == "tcp" ? ListenState : UnconnectedState))
                continue;
            var colon = fields[1].IndexOf(':', StringComparison.Ordinal);
            if (colon is not (8 or 32) || !int.TryParse(fields[1].AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port))
                continue;
            var bytes = Convert.FromHexString(fields[1].AsSpan(0, colon));
            for (var word = 0; word < bytes.Length && BitConverter.IsLittleEndian; word += 4)
                bytes.AsSpan(word, 4).Reverse();
            yield return new(protocol, new IPAddress(bytes), port);
        }
    }
}

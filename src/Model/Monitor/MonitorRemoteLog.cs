namespace Gantry.Model.Monitor;

/// <summary>Where a monitor sends a container's output, line by line, besides or instead of a file.</summary>
public sealed record MonitorRemoteLog
{
    /// <summary><c>tcp</c>, <c>udp</c>, <c>unix</c>, <c>unixgram</c>, all of them syslog; or <c>journal</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>An address in digits, or a socket's path: a monitor resolves no names.</summary>
    public required string Address { get; init; }

    public int Port { get; init; }

    /// <summary>Null: in the clear.</summary>
    public MonitorTls? Tls { get; init; }

    /// <summary>Of syslog: empty for what local daemons take, <c>rfc3164</c>, <c>rfc5424</c>, <c>rfc5424micro</c>.</summary>
    public string Format { get; init; } = "";

    /// <summary>Of syslog: the facility's number, 0 to 23.</summary>
    public int Facility { get; init; }

    /// <summary>What the lines are marked with: the program's name to syslog.</summary>
    public string Tag { get; init; } = "";

    public string Hostname { get; init; } = "";

    /// <summary>The host's local time behind UTC's, as it was at the start: a monitor knows no time zones.</summary>
    public int UtcOffsetMinutes { get; init; }

    /// <summary>How much may wait for a slow receiver.</summary>
    public int BufferBytes { get; init; } = 1 << 20;

    /// <summary>Whether lines are dropped while that is full; else the container waits.</summary>
    public bool DropWhenFull { get; init; }

    /// <summary>Of the journal: further fields of each entry.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();
}

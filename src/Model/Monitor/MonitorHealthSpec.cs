using Gantry.Model.Oci;

namespace Gantry.Model.Monitor;

/// <summary>How a container's health is probed, with every default filled in.</summary>
public sealed record MonitorHealthSpec
{
    /// <summary>What a probe runs. Exit code 0 is healthy, anything else is not.</summary>
    public required RuntimeProcess Process { get; init; }

    /// <summary>The wait between two probes, from the end of one to the begin of the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>A probe that takes longer is killed and has failed.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Failures this soon after the start do not count, until a first probe has succeeded.</summary>
    public TimeSpan StartPeriod { get; init; }

    /// <summary>The wait between two probes of the start period.</summary>
    public required TimeSpan StartInterval { get; init; }

    /// <summary>How many failures in a row make a container unhealthy.</summary>
    public required int Retries { get; init; }
}

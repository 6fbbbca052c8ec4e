using Gantry.Model.Oci;

namespace Gantry.Model.Monitor;

/// <summary>A further process in a running container.</summary>
public sealed record MonitorExecRequest
{
    /// <summary>Names it for attach, resize and wait. Unique within the container.</summary>
    public required string ExecId { get; init; }

    /// <summary>What to run; asks for the terminal.</summary>
    public required RuntimeProcess Process { get; init; }

    /// <summary>Whether it has a standard input; without it, it reads <c>/dev/null</c>.</summary>
    public bool OpenStdin { get; init; }
}

namespace Gantry.Model.Oci;

/// <summary>The process to run: container's first, or one for <c>exec</c>.</summary>
public sealed record RuntimeProcess
{
    public bool Terminal { get; init; }

    public ConsoleSize? ConsoleSize { get; init; }

    public RuntimeUser User { get; init; } = new();

    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyList<string> Env { get; init; } = [];

    public string Cwd { get; init; } = "/";

    public RuntimeCapabilities? Capabilities { get; init; }

    public IReadOnlyList<RuntimeRlimit>? Rlimits { get; init; }

    public bool NoNewPrivileges { get; init; }

    public string? ApparmorProfile { get; init; }

    public string? SelinuxLabel { get; init; }

    public int? OomScoreAdj { get; init; }

    public RuntimeScheduler? Scheduler { get; init; }

    public RuntimeIoPriority? IoPriority { get; init; }
}

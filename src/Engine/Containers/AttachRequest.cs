namespace Gantry.Engine.Containers;

/// <summary>Which of a container's streams to attach to.</summary>
public sealed record AttachRequest
{
    /// <summary>Send to the container's standard input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Receive its standard output.</summary>
    public bool Stdout { get; init; }

    /// <summary>Receive its standard error.</summary>
    public bool Stderr { get; init; }

    /// <summary>First what was logged so far.</summary>
    public bool Logs { get; init; }

    /// <summary>Then what comes; false ends after the logs.</summary>
    public bool Stream { get; init; } = true;

    /// <summary>The keys that detach, as in <c>ctrl-p,ctrl-q</c>, which is the default.</summary>
    public string? DetachKeys { get; init; }
}

namespace Gantry.Build;

/// <summary>How it is told what a result was made of.</summary>
public sealed record ProvenanceSpec
{
    /// <summary>With the arguments, the steps and the Dockerfile (<c>mode=max</c>).</summary>
    public bool IsMax { get; init; }

    /// <summary>SLSA's: <c>v0.2</c> or <c>v1</c>.</summary>
    public string Version { get; init; } = "v0.2";

    /// <summary>It is told where that does not change what the output is otherwise: in images that have an index.</summary>
    public bool InlineOnly { get; init; }
}

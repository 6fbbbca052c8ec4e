using Gantry.Model;

namespace Gantry.Build;

/// <summary>One file from a web server.</summary>
public sealed class HttpSource() : Vertex([])
{
    /// <summary>Where it is.</summary>
    public required string Url { get; init; }

    /// <summary>The file's name; null: as the URL or the server says.</summary>
    public string? FileName { get; init; }

    /// <summary>Permission bits; null: 0600.</summary>
    public int? Mode { get; init; }

    /// <summary>What the data must hash to; null: anything.</summary>
    public Digest? Checksum { get; init; }

    /// <summary>The fetched files last as long as the build that fetched them.</summary>
    public override bool IsOfOneSession => true;

    private protected override void Describe(KeyWriter key) => key.Add(Url).Add(FileName).Add(Mode ?? -1).Add(Checksum?.ToString());
}

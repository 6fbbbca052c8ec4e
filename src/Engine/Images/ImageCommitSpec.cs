using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Images;

/// <summary>A new image: another one's layers, a layer on top of them, and a configuration.</summary>
public sealed record ImageCommitSpec
{
    /// <summary>The image whose layers are below.</summary>
    public required Digest Parent { get; init; }

    /// <summary>Writes the new layer as an uncompressed tar archive; called on a thread of its own.</summary>
    public required Action<Stream, CancellationToken> WriteLayer { get; init; }

    public required ImageConfig Config { get; init; }

    /// <summary>The name to give; null: none.</summary>
    public ImageReference? Reference { get; init; }

    public string Author { get; init; } = "";

    /// <summary>The history's comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>What the history shows as the command that made the layer.</summary>
    public string CreatedBy { get; init; } = "";
}

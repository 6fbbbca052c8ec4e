using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Engine.Images;

/// <summary>An import: a root filesystem's archive becomes an image of one layer.</summary>
public sealed record ImageImportSpec
{
    /// <summary>The name to give; null: none.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>The history's comment.</summary>
    public string? Message { get; init; }

    /// <summary>Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR, HEALTHCHECK, SHELL.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>What the image is for; null: this host.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Where the archive came from, as history shows it.</summary>
    public string Source { get; init; } = "-";
}

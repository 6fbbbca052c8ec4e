using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Commit;

/// <summary>What a client asks of a commit.</summary>
public sealed record ContainerCommitSpec
{
    /// <summary>Name, id or unique prefix of an id.</summary>
    public required string Container { get; init; }

    /// <summary>The new image's name; null: none.</summary>
    public ImageReference? Reference { get; init; }

    public string Author { get; init; } = "";

    public string Comment { get; init; } = "";

    /// <summary>Freeze the container's processes meanwhile, so that its files fit together.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>Dockerfile instructions.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>Goes before the container's configuration; null: that alone.</summary>
    public ContainerConfig? Config { get; init; }
}

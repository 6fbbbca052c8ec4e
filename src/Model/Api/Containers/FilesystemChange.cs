namespace Gantry.Model.Api;

/// <summary>Wire shape <c>FilesystemChange</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition FilesystemChange.</remarks>
public sealed record FilesystemChange
{
    public string? Path { get; init; }

    public long? Kind { get; init; }
}

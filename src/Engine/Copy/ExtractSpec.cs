namespace Gantry.Engine.Copy;

/// <summary>An archive that is to be unpacked into a container.</summary>
public sealed record ExtractSpec
{
    /// <summary>The directory to unpack into; a symbolic link to one is followed.</summary>
    public required string Path { get; init; }

    /// <summary>Refuse to replace a directory by something else, and the other way round.</summary>
    public bool NoOverwriteDirNonDir { get; init; }

    /// <summary>Everything gets the container's user for its owner, when the container has one configured.</summary>
    public bool CopyUidGid { get; init; }
}

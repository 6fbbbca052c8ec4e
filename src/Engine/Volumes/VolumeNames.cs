namespace Gantry.Engine.Volumes;

/// <summary>Which names volumes may have.</summary>
/// <remarks>Source: moby volume/local/local.go, validateName.</remarks>
internal static class VolumeNames
{
    // A name is a directory's, with a prefix while it is made.
    private const int LengthLimit = 200;

    /// <summary>What is wrong with a name, in Docker's words; null when it is good.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 1)
            return "volume name is too short, names should be at least two alphanumeric characters";
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-')))
            return $"\"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path";
        return name.Length > LengthLimit ? $"volume name is too long: {name.Length} characters, and {LengthLimit} are allowed" : null;
    }
}

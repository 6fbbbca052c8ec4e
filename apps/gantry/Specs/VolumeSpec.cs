using Gantry.Cli.Flags;

namespace Gantry.Cli.Specs;

/// <summary><c>-v /data</c>, <c>-v name:/data:ro</c>, <c>-v ./here:/there</c>.</summary>
/// <remarks>Source: docker run reference, "--volume"; texts as docker 28.2.2 says them.</remarks>
internal static class VolumeSpec
{
    /// <summary>The bind that a value asks for, its source made absolute; null: an anonymous volume.</summary>
    /// <exception cref="FlagException">It makes no sense.</exception>
    public static string? ToBind(string value)
    {
        if (value.Length == 0)
            throw new FlagException("invalid empty volume spec");
        if (value.Length <= 2)
            return null;
        var parts = value.Split(':');
        if (parts.Take(4).Any(static p => p.Length == 0))
            throw new FlagException($"invalid spec: {value}: empty section between colons");
        if (parts.Length > 3)
            throw new FlagException($"invalid spec: {value}: too many colons");
        if (parts.Length == 1)
            return null;
        var source = parts[0];
        return source == "." || source.StartsWith("./", StringComparison.Ordinal)
            ? Path.GetFullPath(source).TrimEnd('/') + value[source.Length..]
            : value;
    }
}

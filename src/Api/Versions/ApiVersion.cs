using System.Globalization;

namespace Gantry.Api.Versions;

/// <summary>A version of the Engine API, as in <c>1.44</c>.</summary>
public readonly record struct ApiVersion(int Major, int Minor) : IComparable<ApiVersion>
{
    /// <summary>The oldest that is served. Source: moby's floor, dockerd.md.</summary>
    public static ApiVersion Oldest { get; } = new(1, 24);

    /// <summary>The newest that is served, and what a request without a version gets. Source: engine-api.yaml.</summary>
    public static ApiVersion Newest { get; } = new(1, 56);

    /// <summary>Parses <c>1.44</c>; further parts (<c>1.44.0</c>) are ignored.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ApiVersion version)
    {
        version = default;
        Span<Range> parts = stackalloc Range[4];
        var count = text.Split(parts, '.');
        if (count is < 2 or > 3 || !Number(text[parts[0]], out var major) || !Number(text[parts[1]], out var minor))
            return false;
        if (count == 3 && !Number(text[parts[2]], out _))
            return false;
        version = new ApiVersion(major, minor);
        return true;
    }

    public int CompareTo(ApiVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public static bool operator <(ApiVersion left, ApiVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ApiVersion left, ApiVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ApiVersion left, ApiVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ApiVersion left, ApiVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static bool Number(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

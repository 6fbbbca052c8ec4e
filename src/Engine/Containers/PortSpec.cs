using System.Globalization;
using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>Reads exposed ports: <c>80</c>, <c>80/tcp</c>, <c>7000-7010/udp</c>. Pure.</summary>
internal static class PortSpec
{
    /// <summary>Every port that the text stands for.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static IEnumerable<(int ContainerPort, string Protocol)> Expand(string text) => Parse(text);

    private static List<(int, string)> Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        var range = (slash < 0 ? text : text[..slash]).Split('-');
        if (range.Length > 2
            || protocol is not ("tcp" or "udp" or "sctp")
            || !int.TryParse(range[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !int.TryParse(range[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || first < 1 || last > 65535 || last < first)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"invalid port specification: \"{text}\": write a port as in 80, 80/tcp or 7000-7010/udp");
        }
        return [.. Enumerable.Range(first, last - first + 1).Select(port => (port, protocol))];
    }
}

using Gantry.Api.Routing;
using Gantry.Model;

namespace Gantry.Api.Containers;

/// <summary>A terminal's height and width in cells, as requests give them.</summary>
internal static class TerminalSize
{
    /// <exception cref="GantryException">Invalid: one of <c>h</c> and <c>w</c> is missing or not a size.</exception>
    public static (int Height, int Width) Read(Query query) => (Cells(query, "h"), Cells(query, "w"));

    /// <exception cref="GantryException">Invalid: not two sizes.</exception>
    public static (int Height, int Width)? Of(IReadOnlyList<long>? size) => size switch
    {
        null or [] or [0, 0] => null,
        [>= 0 and <= ushort.MaxValue and var height, >= 0 and <= ushort.MaxValue and var width] => ((int)height, (int)width),
        _ => throw GantryException.Of(ErrorKind.Invalid, "ConsoleSize: expected two numbers, height and width, from 0 to 65535"),
    };

    private static int Cells(Query query, string name) =>
        query.Number(name) is >= 0 and <= ushort.MaxValue and var cells
            ? cells
            : throw GantryException.Of(ErrorKind.Invalid, $"invalid value for query parameter {name}: \"{query.Text(name)}\": expected a number of cells from 0 to 65535");
}

using System.Globalization;
using Gantry.Api.Routing;
using Gantry.Model;

namespace Gantry.Api.Containers;

/// <summary>A terminal's height and width in cells, as requests give them.</summary>
internal static class TerminalSize
{
    /// <exception cref="GantryException">Invalid: one of <c>h</c> and <c>w</c> is missing or not a size.</exception>
    public static (int Height, int Width) Read(Query query) => (Cells(query.Text("h"), "height"), Cells(query.Text("w"), "width"));

    /// <exception cref="GantryException">Invalid: not two sizes.</exception>
    public static (int Height, int Width)? Of(IReadOnlyList<long>? size) => size switch
    {
        null or [] or [0, 0] => null,
        [>= 0 and <= ushort.MaxValue and var height, >= 0 and <= ushort.MaxValue and var width] => ((int)height, (int)width),
        _ => throw GantryException.Of(ErrorKind.Invalid, "ConsoleSize: expected two numbers, height and width, from 0 to 65535"),
    };

    /// <remarks>Source: moby api/server/httputils/form.go, Uint32Value: a sign makes a number negative, but not a word.
    /// The kernel's winsize has 16 bits of each; Docker hands it the low ones.</remarks>
    private static int Cells(string? text, string side)
    {
        text ??= "";
        var digits = text.StartsWith('-') ? text[1..] : text;
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid resize {side} \"{text}\": invalid syntax");
        if (digits.Length != text.Length || !uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var cells))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid resize {side} \"{text}\": value out of range");
        return (ushort)cells;
    }
}

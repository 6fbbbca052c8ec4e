using System.Globalization;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>A mode of <c>--chmod</c>: octal, or changes in chmod(1)'s words.</summary>
internal static class ModeChange
{
    private const uint Most = 0xFFF;

    /// <summary>What becomes of a mode.</summary>
    /// <param name="change">As in <c>755</c> or <c>u=rwX,go-w</c>.</param>
    /// <param name="mode">Permission bits as they are.</param>
    /// <exception cref="GantryException">Invalid: it cannot be read.</exception>
    public static uint Apply(string change, uint mode, bool isDirectory)
    {
        if (change.Length > 0 && change.All(char.IsAsciiDigit))
            return Octal(change);
        foreach (var clause in change.Split(','))
            mode = ApplyClause(change, clause, mode, isDirectory);
        return mode;
    }

    private static uint Octal(string change)
    {
        try
        {
            return Convert.ToUInt32(change, 8) is var mode and <= Most ? mode : throw Unreadable(change);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Unreadable(change);
        }
    }

    private static uint ApplyClause(string change, string clause, uint mode, bool isDirectory)
    {
        var at = 0;
        uint who = 0;
        for (; at < clause.Length && "ugoa".Contains(clause[at], StringComparison.Ordinal); at++)
            who |= clause[at] switch { 'u' => 0x9C0u, 'g' => 0x438u, 'o' => 0x207u, _ => 0xFFFu };
        if (who == 0)
            who = 0xFFF;
        if (at == clause.Length)
            throw Unreadable(change);
        while (at < clause.Length)
        {
            var action = clause[at++];
            if (action is not ('+' or '-' or '='))
                throw Unreadable(change);
            uint bits = 0;
            for (; at < clause.Length && clause[at] is not ('+' or '-' or '='); at++)
                bits |= Bits(change, clause[at], mode, isDirectory);
            bits &= who;
            // What set-id bits a directory has stay with "=", as chmod(1) has it.
            mode = action switch { '+' => mode | bits, '-' => mode & ~bits, _ => (mode & ~(who & 0x1FFu)) | bits };
        }

        return mode;
    }

    private static uint Bits(string change, char letter, uint mode, bool isDirectory) => letter switch
    {
        'r' => 0x124,
        'w' => 0x92,
        'x' => 0x49,
        'X' => isDirectory || (mode & 0x49) != 0 ? 0x49u : 0,
        's' => 0xC00,
        't' => 0x200,
        'u' => Spread((mode >> 6) & 7),
        'g' => Spread((mode >> 3) & 7),
        'o' => Spread(mode & 7),
        _ => throw Unreadable(change),
    };

    private static uint Spread(uint bits) => (bits << 6) | (bits << 3) | bits;

    private static GantryException Unreadable(string change) =>
        GantryException.Of(ErrorKind.Invalid, string.Create(CultureInfo.InvariantCulture, $"invalid chmod parameter: '{change}'. it should be octal string and between 0 and 07777, or changes as in u=rwX,go=rX"));
}

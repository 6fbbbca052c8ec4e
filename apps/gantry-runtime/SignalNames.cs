using System.Globalization;
using Gantry.Model;

namespace Gantry.Apps.GantryRuntime;

/// <summary>Signals by name or number, as <c>kill</c> takes them. Source: signal(7).</summary>
internal static class SignalNames
{
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The number.</summary>
    /// <exception cref="GantryException">Invalid: no such signal.</exception>
    public static int Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 64) return number;
        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal)) name = name[3..];
        if (name == "POLL") name = "IO";
        if (name == "IOT") name = "ABRT";
        var index = Array.IndexOf(Names, name);
        if (index > 0) return index;
        if (name.StartsWith("RTMIN", StringComparison.Ordinal) && Offset(name[5..]) is { } up && up is >= 0 and <= 30) return 34 + up;
        if (name.StartsWith("RTMAX", StringComparison.Ordinal) && Offset(name[5..]) is { } down && down is <= 0 and >= -30) return 64 + down;
        throw GantryException.Of(ErrorKind.Invalid, $"unknown signal \"{text}\": use a number or a name such as TERM");
    }

    private static int? Offset(string text) =>
        text.Length == 0 ? 0 : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset) ? offset : null;
}

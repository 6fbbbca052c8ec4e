using System.Collections.Frozen;
using System.Globalization;

namespace Gantry.Model;

/// <summary>Signals by name, as Linux numbers them on x64 and arm64.</summary>
/// <remarks>Source: signal(7); real-time signals as moby's signal_linux.go names them, counted from glibc's SIGRTMIN, 34.</remarks>
public static class SignalNames
{
    private const int RtMin = 34;
    private const int RtMax = 64;

    private static readonly FrozenDictionary<string, int> s_numbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["ILL"] = 4, ["TRAP"] = 5, ["ABRT"] = 6, ["IOT"] = 6, ["BUS"] = 7, ["FPE"] = 8, ["KILL"] = 9,
        ["USR1"] = 10, ["SEGV"] = 11, ["USR2"] = 12, ["PIPE"] = 13, ["ALRM"] = 14, ["TERM"] = 15, ["STKFLT"] = 16, ["CHLD"] = 17, ["CLD"] = 17,
        ["CONT"] = 18, ["STOP"] = 19, ["TSTP"] = 20, ["TTIN"] = 21, ["TTOU"] = 22, ["URG"] = 23, ["XCPU"] = 24, ["XFSZ"] = 25, ["VTALRM"] = 26,
        ["PROF"] = 27, ["WINCH"] = 28, ["IO"] = 29, ["POLL"] = 29, ["PWR"] = 30, ["SYS"] = 31, ["UNUSED"] = 31, ["RTMIN"] = RtMin, ["RTMAX"] = RtMax,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>A signal's name as kill(1) has it, <c>SIGSEGV</c>; the number of one without.</summary>
    public static string Of(int number)
    {
        foreach (var name in (ReadOnlySpan<string>)["HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "SYS"])
        {
            if (s_numbers[name] == number)
                return "SIG" + name;
        }
        return string.Create(CultureInfo.InvariantCulture, $"signal {number}");
    }

    /// <summary>Reads <c>9</c>, <c>KILL</c>, <c>sigkill</c>, <c>RTMIN+3</c>; null: there is no such signal.</summary>
    public static int? Find(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is > 0 and <= RtMax ? number : null;
        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        if (s_numbers.TryGetValue(name, out number))
            return number;
        if (name.StartsWith("RTMIN+", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var up) && up <= 15)
            return RtMin + up;
        if (name.StartsWith("RTMAX-", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var down) && down <= 14)
            return RtMax - down;
        return null;
    }
}

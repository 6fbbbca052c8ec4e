using Gantry.Model;

namespace Gantry.Apps.Options;

/// <summary>Parses flags as dockerd does: <c>--flag value</c>, <c>--flag=value</c>, <c>--flag</c> for booleans, <c>-H value</c>, <c>-Hvalue</c>, <c>-DH value</c>.</summary>
internal static class CommandLine
{
    /// <summary>The values of each flag that was given.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="problems">What could not be understood is added, a sentence each.</param>
    public static Dictionary<Option, List<string>> Parse(IReadOnlyList<string> arguments, List<string> problems)
    {
        var given = new Dictionary<Option, List<string>>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument.StartsWith("--", StringComparison.Ordinal) && argument.Length > 2)
                Long(argument[2..], arguments, ref i, given, problems);
            else if (argument is ['-', not '-', ..])
                Short(argument[1..], arguments, ref i, given, problems);
            else
                problems.Add($"unexpected argument \"{argument}\": gantryd takes only options; see gantryd --help");
        }
        return given;
    }

    private static void Long(string text, IReadOnlyList<string> arguments, ref int i, Dictionary<Option, List<string>> given, List<string> problems)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        if (OptionTable.All.FirstOrDefault(o => o.Flag == name) is not { } option)
        {
            problems.Add($"unknown flag: --{name}{Nearest.Suggest(name, OptionTable.All.Select(static o => o.Flag), "--")}; see gantryd --help");
            // What follows may be its value: not a second problem.
            if (equals < 0 && i + 1 < arguments.Count && arguments[i + 1] is not ['-', ..])
                i++;
            return;
        }
        if (equals >= 0)
            Add(given, option, text[(equals + 1)..]);
        else if (option.Kind == OptionKind.Flag)
            Add(given, option, "true");
        else
            Next($"--{name}", option, arguments, ref i, given, problems);
    }

    private static void Short(string letters, IReadOnlyList<string> arguments, ref int i, Dictionary<Option, List<string>> given, List<string> problems)
    {
        for (var at = 0; at < letters.Length; at++)
        {
            if (OptionTable.All.FirstOrDefault(o => o.Short == letters[at]) is not { } option)
            {
                problems.Add($"unknown shorthand flag: '{letters[at]}' in -{letters}; see gantryd --help");
                return;
            }
            var rest = letters[(at + 1)..];
            if (rest is ['=', .. var value])
            {
                Add(given, option, value);
                return;
            }
            if (option.Kind == OptionKind.Flag)
            {
                Add(given, option, "true");
                continue;
            }
            if (rest.Length > 0)
                Add(given, option, rest);
            else
                Next($"-{letters[at]}", option, arguments, ref i, given, problems);
            return;
        }
    }

    private static void Next(string flag, Option option, IReadOnlyList<string> arguments, ref int i, Dictionary<Option, List<string>> given, List<string> problems)
    {
        if (i + 1 < arguments.Count)
            Add(given, option, arguments[++i]);
        else
            problems.Add($"flag needs an argument: {flag}");
    }

    private static void Add(Dictionary<Option, List<string>> given, Option option, string value)
    {
        if (!given.TryGetValue(option, out var values))
            given[option] = values = [];
        values.Add(value);
    }
}

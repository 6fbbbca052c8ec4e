using Gantry.Model;

namespace Gantry.Cli.Flags;

/// <summary>Parses a command's arguments as Docker's flag library (pflag) does.</summary>
/// <remarks>
/// <c>-it</c>, <c>-p80:80</c>, <c>-p=80:80</c>, <c>--flag=value</c>, <c>--flag value</c>, <c>--switch=false</c>,
/// <c>--</c> ends the flags, <c>-</c> alone is an argument. Source: github.com/spf13/pflag flag.go, parseLongArg and parseShortArg.
/// </remarks>
internal static class FlagParser
{
    /// <summary>Parses.</summary>
    /// <param name="flags">The command's flags.</param>
    /// <param name="arguments">What stands behind the command's name.</param>
    /// <param name="stopAtFirst">Whether the first argument that is no flag ends the flags, as for <c>run</c>.</param>
    /// <returns>The flags' values and the arguments that are none; help when it was asked for.</returns>
    /// <exception cref="FlagException">An unknown flag, a missing or a bad value.</exception>
    public static (FlagValues Values, IReadOnlyList<string> Arguments, bool Help) Parse(IReadOnlyList<Flag> flags, IReadOnlyList<string> arguments, bool stopAtFirst)
    {
        var values = new FlagValues(flags);
        var rest = new List<string>();
        var help = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument.Length < 2 || argument[0] != '-')
            {
                rest.Add(argument);
                if (!stopAtFirst)
                    continue;
                AddFrom(rest, arguments, i + 1);
                break;
            }
            if (argument == "--")
            {
                AddFrom(rest, arguments, i + 1);
                break;
            }
            help |= argument[1] == '-' ? ParseLong(flags, values, arguments, ref i) : ParseShorts(flags, values, arguments, ref i);
            if (help)
                break;
        }
        return (values, rest, help);
    }

    /// <summary>The flag of a long name; null: there is none.</summary>
    public static Flag? Find(IReadOnlyList<Flag> flags, string name)
    {
        foreach (var flag in flags)
        {
            if (flag.Name == name)
                return flag;
        }
        return null;
    }

    private static bool ParseLong(IReadOnlyList<Flag> flags, FlagValues values, IReadOnlyList<string> arguments, ref int at)
    {
        var text = arguments[at][2..];
        if (text[0] is '-' or '=')
            throw new FlagException($"bad flag syntax: {arguments[at]}");
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        if (Find(flags, name) is not { } flag)
        {
            if (name == "help")
                return equals < 0 || ParseBool(text[(equals + 1)..]) == "true";
            throw new FlagException($"unknown flag: --{name}") { Suggestion = Nearest.Of(name, flags.Where(static f => !f.Hidden).Select(static f => f.Name)) is { } near ? "--" + near : null };
        }
        if (equals >= 0)
            SetChecked(values, flag, text[(equals + 1)..]);
        else if (flag.IsSwitch)
            values.Set(flag, "true");
        else if (at + 1 < arguments.Count)
            SetChecked(values, flag, arguments[++at]);
        else
            throw new FlagException($"flag needs an argument: {arguments[at]}");
        return false;
    }

    private static bool ParseShorts(IReadOnlyList<Flag> flags, FlagValues values, IReadOnlyList<string> arguments, ref int at)
    {
        var group = arguments[at][1..];
        for (var i = 0; i < group.Length; i++)
        {
            var letter = group[i];
            var flag = flags.FirstOrDefault(f => f.Short == letter);
            if (flag is null)
                return letter == 'h' ? true : throw new FlagException($"unknown shorthand flag: '{letter}' in -{group[i..]}");
            if (i + 2 < group.Length && group[i + 1] == '=')
            {
                SetChecked(values, flag, group[(i + 2)..]);
                return false;
            }
            if (flag.IsSwitch)
            {
                values.Set(flag, "true");
                continue;
            }
            if (i + 1 < group.Length)
                SetChecked(values, flag, group[(i + 1)..]);
            else if (at + 1 < arguments.Count)
                SetChecked(values, flag, arguments[++at]);
            else
                throw new FlagException($"flag needs an argument: '{letter}' in -{group[i..]}");
            return false;
        }
        return false;
    }

    private static void SetChecked(FlagValues values, Flag flag, string value)
    {
        try
        {
            values.Set(flag, FlagCheck.Normalize(flag, value));
        }
        catch (FlagException e)
        {
            throw new FlagException($"invalid argument {GoText.Quote(value)} for \"{flag.Display}\" flag: {e.Message}");
        }
    }

    private static string ParseBool(string text) => FlagCheck.Bool(text);

    private static void AddFrom(List<string> rest, IReadOnlyList<string> arguments, int from)
    {
        for (var i = from; i < arguments.Count; i++)
            rest.Add(arguments[i]);
    }
}

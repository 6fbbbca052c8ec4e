using Gantry.Model;

namespace Gantry.Apps.GantryRuntime;

/// <summary>The options of a command, parsed as runc parses them: <c>--name value</c>, <c>--name=value</c>, <c>-n value</c>.</summary>
/// <param name="Valued">Options that take a value; they may be repeated.</param>
/// <param name="Switches">Options that take none, or <c>=true</c>/<c>=false</c>.</param>
/// <param name="Aliases">Short forms.</param>
internal sealed record OptionSet(string[] Valued, string[] Switches, Dictionary<string, string> Aliases)
{
    /// <summary>Parses.</summary>
    /// <param name="stopAtArgument">Whether everything from the first argument on is left alone.</param>
    /// <exception cref="GantryException">Invalid: an unknown option, or one without its value.</exception>
    public ParsedOptions Parse(IReadOnlyList<string> args, bool stopAtArgument)
    {
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var arguments = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var word = args[i];
            if (word == "--" || (stopAtArgument && !IsOption(word)))
            {
                arguments.AddRange(args.Skip(word == "--" ? i + 1 : i));
                break;
            }

            if (!IsOption(word))
            {
                arguments.Add(word);
                continue;
            }

            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = Canonical(equals < 0 ? word : word[..equals]);
            string value;
            if (Array.IndexOf(Switches, name) >= 0) value = equals < 0 ? "true" : word[(equals + 1)..];
            else if (Array.IndexOf(Valued, name) < 0) throw GantryException.Of(ErrorKind.Invalid, $"unknown option \"{word}\"");
            else if (equals >= 0) value = word[(equals + 1)..];
            else if (++i < args.Count) value = args[i];
            else throw GantryException.Of(ErrorKind.Invalid, $"option \"{word}\" needs a value");
            if (!values.TryGetValue(name, out var list)) values[name] = list = [];
            list.Add(value);
        }

        return new ParsedOptions(values, arguments);
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    // Go's flag package takes one dash for two.
    private string Canonical(string name)
    {
        if (Aliases.TryGetValue(name, out var full)) return full;
        return name.StartsWith("--", StringComparison.Ordinal) || name.Length < 3 ? name : "-" + name;
    }
}

using System.Globalization;
using System.Text;
using Gantry.Engine;

namespace Gantry.Apps.Options;

/// <summary>Puts flags and file together. A key given in both is an error, because nobody could tell which one counts.</summary>
internal static class OptionReader
{
    /// <summary>Reads everything.</summary>
    /// <param name="arguments">The command line without the program's name.</param>
    /// <param name="readFile">The text of a file; null when there is none.</param>
    /// <param name="runtimeBinary">Where the runtime is unless told otherwise.</param>
    /// <param name="problems">All that is wrong, a sentence each; empty when the options can be used.</param>
    public static DaemonOptions Read(IReadOnlyList<string> arguments, Func<string, string?> readFile, string runtimeBinary, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        var flags = CommandLine.Parse(arguments, found);
        var options = Apply(new DaemonOptions { Engine = new EngineOptions { RuntimeBinary = runtimeBinary, InitBinary = Path.Combine(Path.GetDirectoryName(runtimeBinary)!, "gantry-init") } }, flags, static o => $"--{o.Flag}", found);
        if (options is not ({ ShowHelp: true } or { ShowVersion: true }))
            options = ReadFile(options, flags, readFile, found);
        if (options.WithoutCdi)
            options = options with { Engine = options.Engine with { CdiSpecDirectories = [] } };
        Check(options, found);
        problems = found;
        return options;
    }

    /// <summary>Go's words for true.</summary>
    public static bool IsTrue(string value) => value is "1" or "t" or "T" or "true" or "TRUE" or "True";

    /// <summary>The text of <c>--help</c>, from the table.</summary>
    public static string Help()
    {
        var text = new StringBuilder("Usage: gantryd [OPTIONS]\n\nThe container engine: serves the Docker Engine API.\n\nOptions:\n");
        foreach (var option in OptionTable.All.Where(static o => o.OnlyValues is null).OrderBy(static o => o.Flag, StringComparer.Ordinal))
        {
            var name = $"{(option.Short is { } letter ? $"-{letter}, " : "    ")}--{option.Flag}{Word(option.Kind)}";
            text.Append(CultureInfo.InvariantCulture, $"  {name,-38} {option.Help}{(option.Default.Length > 0 ? $" (default {option.Default})" : "")}\n");
        }
        return text.Append("\nEach can be set in ").Append(DaemonOptions.DefaultConfigFile).Append(" too, under dockerd's key for it.\n").ToString();
    }

    private static string Word(OptionKind kind) => kind switch
    {
        OptionKind.Flag => "",
        OptionKind.Limits or OptionKind.Pools or OptionKind.Features => " map",
        _ => $" {kind.ToString().ToLowerInvariant()}",
    };

    private static DaemonOptions ReadFile(DaemonOptions options, Dictionary<Option, List<string>> flags, Func<string, string?> readFile, List<string> problems)
    {
        if (readFile(options.ConfigFile) is not { } text)
        {
            if (flags.Keys.Any(static o => o.Flag == "config-file"))
                problems.Add($"--config-file: {options.ConfigFile} cannot be read: no such file");
            return options;
        }
        var inFile = new List<string>();
        var keys = DaemonJson.Parse(text, inFile);
        var both = keys.Keys.Where(flags.ContainsKey).Select(o => $"{o.FileKey}: (from flag: {string.Join(", ", flags[o])}, from file: {string.Join(", ", keys[o])})").ToList();
        if (both.Count > 0)
            inFile.Add($"the following directives are specified both as a flag and in the configuration file: {string.Join(", ", both)}");
        options = Apply(options, keys.Where(p => !flags.ContainsKey(p.Key)).ToDictionary(static p => p.Key, static p => p.Value), static o => o.FileKey, inFile);
        problems.AddRange(inFile.Select(p => $"{options.ConfigFile}: {p}"));
        return options;
    }

    private static DaemonOptions Apply(DaemonOptions options, Dictionary<Option, List<string>> given, Func<Option, string> name, List<string> problems)
    {
        foreach (var (option, values) in given)
        {
            try
            {
                options = Apply(options, option, values);
            }
            catch (FormatException exception)
            {
                problems.Add($"{name(option)}: {exception.Message}");
            }
        }
        return options;
    }

    private static DaemonOptions Apply(DaemonOptions options, Option option, List<string> values)
    {
        foreach (var value in values)
        {
            if (option.Kind == OptionKind.Flag && !IsTrue(value) && value is not ("0" or "f" or "F" or "false" or "FALSE" or "False"))
                throw new FormatException($"\"{value}\": expected true or false");
            if (option.Kind == OptionKind.Number && !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                throw new FormatException($"\"{value}\": expected a whole number");
            if (option.Kind == OptionKind.Map && value.IndexOf('=', StringComparison.Ordinal) <= 0)
                throw new FormatException($"\"{value}\": expected key=value");
        }
        if (option.OnlyValues is not { } only)
            return option.Apply!(options, values);
        foreach (var value in values)
        {
            if (!only.Contains(option.Kind == OptionKind.Flag ? (IsTrue(value) ? "true" : "false") : value))
                throw new FormatException(option.Help);
        }
        return options;
    }

    private static void Check(DaemonOptions options, List<string> problems)
    {
        if (options.Hosts.Count == 0)
            problems.Add("no host to listen on: leave hosts out, or name one");
        if (options.TlsOnly && !options.TlsVerify)
            problems.Add("--tls without --tlsverify: anybody who reaches the port would be root on this machine; use --tlsverify");
        if (options.WithoutRules6 && options.Engine.EnableIPv6)
            problems.Add("--ip6tables=false with --ipv6: published ports need the engine's nftables rules; leave one of them out");
        foreach (var host in options.Hosts)
        {
            if (HostAddress.Parse(host, options, out var problem) is null)
                problems.Add($"{host}: {problem}");
        }
    }
}

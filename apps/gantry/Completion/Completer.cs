using System.Text.Json;
using Gantry.Cli.Commands;
using Gantry.Cli.Flags;
using Gantry.Model;

namespace Gantry.Cli.Completion;

/// <summary>Says what can stand at the end of a command line: commands, flags, names of containers and images.</summary>
internal static class Completer
{
    /// <summary>The candidates for the last word, which may be empty; each may have a tab and a description behind it.</summary>
    public static IReadOnlyList<string> Complete(CommandContext context, IReadOnlyList<string> words)
    {
        if (words.Count == 0)
            return [];
        var typed = words[^1];
        var before = SkipGlobals(words.Take(words.Count - 1).ToList());
        if (before.Count == 0)
            return typed.StartsWith('-') ? FlagNames(GlobalFlags.All(), typed) : Starting(TopNames(), typed);
        if (CommandTree.IsGroup(before[0]) && before.Count == 1)
            return Starting(CommandTree.NamesOf(before[0]).Select(n => $"{n}\t{CommandTree.Find(before[0], n)!.Summary}"), typed);
        var grouped = CommandTree.IsGroup(before[0]);
        var spec = grouped ? CommandTree.Find(before[0], before[1]) : CommandTree.Find(before[0]);
        if (spec is null)
            return [];
        var flags = spec.Flags();
        if (typed.StartsWith('-'))
            return FlagNames(flags, typed);
        if (IsFlagValue(flags, before))
            return [];
        var arguments = before.Skip(grouped ? 2 : 1).Count(static w => !w.StartsWith('-'));
        return spec.Arity.Most >= 0 && arguments >= spec.Arity.Most ? [] : Starting(NamesFor(context, spec.Names), typed);
    }

    private static IEnumerable<string> TopNames() =>
        CommandTree.TopNames.Select(static n => $"{n}\t{CommandTree.Find(n)!.Summary}").Concat(CommandTree.Groups.Select(static g => $"{g.Name}\t{g.Summary}"));

    private static List<string> SkipGlobals(List<string> words)
    {
        var flags = GlobalFlags.All();
        var at = 0;
        while (at < words.Count && words[at].StartsWith('-'))
            at += TakesNextWord(flags, words[at]) ? 2 : 1;
        return words.Skip(at).ToList();
    }

    private static bool IsFlagValue(IReadOnlyList<Flag> flags, List<string> before) => before[^1].StartsWith('-') && TakesNextWord(flags, before[^1]);

    private static bool TakesNextWord(IReadOnlyList<Flag> flags, string word)
    {
        if (word.Contains('=', StringComparison.Ordinal))
            return false;
        var flag = word.StartsWith("--", StringComparison.Ordinal) ? FlagParser.Find(flags, word[2..]) : word.Length == 2 ? flags.FirstOrDefault(f => f.Short == word[1]) : null;
        return flag is { IsSwitch: false };
    }

    private static List<string> FlagNames(IReadOnlyList<Flag> flags, string typed) =>
        Starting(flags.Where(static f => !f.Hidden).Select(static f => $"--{f.Name}\t{f.Help.Split('\n')[0]}"), typed);

    private static List<string> Starting(IEnumerable<string> candidates, string typed) =>
        candidates.Where(c => c.StartsWith(typed, StringComparison.Ordinal)).ToList();

    private static IEnumerable<string> NamesFor(CommandContext context, Names names)
    {
        try
        {
            return names switch
            {
                Names.Containers => Containers(context, static _ => true),
                Names.RunningContainers => Containers(context, static s => s is "running" or "paused"),
                Names.StoppedContainers => Containers(context, static s => s is "exited" or "created"),
                Names.Images => Images(context),
                Names.ContainersAndImages => Containers(context, static _ => true).Concat(Images(context)),
                _ => [],
            };
        }
        catch (GantryException)
        {
            // Without an engine there are no names to offer; a completion has nowhere to say so.
            return [];
        }
    }

    private static List<string> Containers(CommandContext context, Func<string, bool> wanted)
    {
        using var list = context.ClientIfRunning.Containers.List(all: true);
        return list.RootElement.EnumerateArray().Where(c => wanted(c.GetProperty("State").GetString() ?? ""))
            .SelectMany(static c => c.GetProperty("Names").EnumerateArray().Select(n => $"{(n.GetString() ?? "").TrimStart('/')}\t{c.GetProperty("Image").GetString()}")).ToList();
    }

    private static List<string> Images(CommandContext context)
    {
        using var list = context.ClientIfRunning.Images.List();
        return list.RootElement.EnumerateArray().Where(static i => i.GetProperty("RepoTags").ValueKind == JsonValueKind.Array)
            .SelectMany(static i => i.GetProperty("RepoTags").EnumerateArray().Select(static t => t.GetString() ?? "")).Where(static t => !t.StartsWith('<')).ToList();
    }
}

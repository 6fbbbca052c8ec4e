namespace Gantry.Build;

/// <summary>Says in sentences what differs between a step of one build and the same step of the next. Pure.</summary>
internal static class RecipeComparison
{
    private const int MostFiles = 5;

    /// <summary>At least one sentence.</summary>
    /// <param name="arguments">The names of what <c>--build-arg</c> gives.</param>
    public static IReadOnlyList<string> Of(StepRecipe before, StepRecipe now, IReadOnlySet<string> arguments)
    {
        List<string> reasons = [];
        foreach (var name in before.Traits.Keys.Union(now.Traits.Keys))
        {
            var (old, value) = (before.Traits.GetValueOrDefault(name), now.Traits.GetValueOrDefault(name));
            if (old != value)
                reasons.Add(Trait(name, old, value, arguments));
        }

        for (var place = 0; place < now.Inputs.Count; place++)
        {
            var input = now.Inputs[place];
            if (place >= before.Inputs.Count)
                reasons.Add($"it uses {input.Name} now");
            else if (before.Inputs[place].Digest is { } old && input.Digest is { } digest && old != digest)
                reasons.Add(Input(before.Inputs[place], input));
        }

        if (before.Inputs.Count > now.Inputs.Count)
            reasons.Add($"it no longer uses {before.Inputs[now.Inputs.Count].Name}");
        if (reasons.Count > 0)
            return reasons;
        return now.Inputs.Zip(before.Inputs).FirstOrDefault(static pair => pair.Second.Digest is null).First is { } unseen
            ? [$"something changed in what it uses of {unseen.Name}: the last build had no need to look at it, so that nothing tells what"]
            : ["its result is gone from the cache: pruned, or removed to make room"];
    }

    private static string Trait(string name, string? old, string? value, IReadOnlySet<string> arguments)
    {
        var variable = RecipeText.VariableOf(name);
        var what = variable is null ? name : arguments.Contains(variable) ? $"argument {variable}" : name;
        if (RecipeText.IsHidden(old ?? value ?? string.Empty))
            return $"{what} {(old is null ? "was added" : value is null ? "was removed" : "changed")} (its value is not shown)";
        return old is null ? $"{what} was added: {RecipeText.Shown(value!)}"
            : value is null ? $"{what} was removed: {RecipeText.Shown(old)}"
            : $"{what}: {RecipeText.Shown(old)} → {RecipeText.Shown(value)}";
    }

    private static string Input(RecipeInput before, RecipeInput now)
    {
        if (now.IsImage)
            return before.Name == now.Name ? $"the base image changed: {before.Digest?.Short} → {now.Digest?.Short}" : $"the base image changed: {Base(before.Name)} → {Base(now.Name)}";
        if (now.Name == "[internal] preparing inline document")
            return "the inline document changed";
        if (before.Files is not null && now.Files is not null)
            return Files(before.Files, now.Files, now.Name);
        return now.Files is null && before.Name != now.Name ? $"it is built on {now.Name} now, and was on {before.Name}" : $"{now.Name} made another result";
    }

    // "[1/4] FROM name@digest": what is behind FROM.
    private static string Base(string name)
    {
        var text = StepPlace.Of(name).Text;
        return text.StartsWith("FROM ", StringComparison.Ordinal) ? text["FROM ".Length..] : text;
    }

    private static string Files(IReadOnlyList<FileMark> before, IReadOnlyList<FileMark> now, string from)
    {
        var old = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var file in before)
            old[file.Path] = file.Mark;
        List<string> changed = [], added = [];
        foreach (var file in now)
        {
            if (!old.Remove(file.Path, out var mark))
                added.Add(file.Path);
            else if (mark != file.Mark)
                changed.Add(file.Path);
        }

        var where = from == "[internal] load build context" ? "files of the context" : $"files of {from}";
        List<string> said = [];
        Say("changed", changed);
        Say("added", added);
        Say("removed", [.. old.Keys.Order(StringComparer.Ordinal)]);
        return said.Count == 0 ? $"{where} changed in their order or attributes" : $"{where}: {string.Join("; ", said)}";

        void Say(string what, List<string> paths)
        {
            if (paths.Count > 0)
                said.Add($"{what} {string.Join(", ", paths.Take(MostFiles))}{(paths.Count > MostFiles ? $" and {paths.Count - MostFiles} more" : string.Empty)}");
        }
    }
}

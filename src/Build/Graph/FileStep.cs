namespace Gantry.Build;

/// <summary>Changes files of a tree without running anything.</summary>
public sealed class FileStep : Vertex
{
    /// <param name="inputs">What is changed and copied from.</param>
    /// <param name="root">The place of the tree that is changed; null: an empty one.</param>
    /// <param name="actions">What is done, in this order.</param>
    /// <exception cref="ArgumentOutOfRangeException">An input is named that is not there.</exception>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public FileStep(string name, IReadOnlyList<Vertex> inputs, int? root, IReadOnlyList<FileAction> actions)
        : base(inputs)
    {
        Name = name;
        Root = root;
        Actions = actions;
        RequireInput(root);
        foreach (var copy in actions.OfType<CopyAction>())
            RequireInput(copy.From);
    }

    /// <summary>The place of the tree that is changed; null: an empty one.</summary>
    public override int? Root { get; }

    public IReadOnlyList<FileAction> Actions { get; }

    /// <summary>The time that all it makes has; null: copies keep their source's, and what is new has the step's.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <inheritdoc/>
    public override ContentSelection? SelectionOf(int input)
    {
        // What copies read differently cannot be said in one selection; then the whole tree counts, which is never wrong.
        List<CopyAction> copies = [.. Actions.OfType<CopyAction>().Where(c => c.From == input)];
        if (input == Root || copies.Count == 0)
            return null;
        var first = copies[0];
        // With their parents kept, the names on the way to what wildcards find count too, and what is left out is named from elsewhere.
        if (copies.Exists(static c => c.Parents && (c.Excludes.Count > 0 || (c.HasWildcards && c.Sources.Any(Model.Patterns.GoPath.HasWildcards)))))
            return new() { Paths = ["/"] };
        return copies.TrueForAll(c => c.HasWildcards == first.HasWildcards && c.Excludes.SequenceEqual(first.Excludes))
            ? new() { Paths = [.. copies.SelectMany(c => c.Sources)], Excludes = first.Excludes, HasWildcards = first.HasWildcards }
            : new() { Paths = ["/"] };
    }

    internal override IEnumerable<(string Name, string Value)> Traits() => Actions.SelectMany(static action => action.Traits());

    private protected override void Describe(KeyWriter key)
    {
        key.Add(Root ?? -1).Add(Created?.ToUnixTimeSeconds() ?? -1).Add(Actions.Count);
        foreach (var action in Actions)
            action.Describe(key);
    }
}

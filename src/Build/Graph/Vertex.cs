using Gantry.Model;

namespace Gantry.Build;

/// <summary>One node of a build's graph, as data: a source, or a step that makes a file tree of other trees.</summary>
/// <remarks>
/// A vertex is known by two things. Its <see cref="Digest"/> says what is to be done, and is known before anything ran. Its
/// keys say what is done to which inputs: <see cref="Key"/> with the inputs' identities, and the same with content digests
/// where <see cref="SelectionOf"/> says that only the content counts. Names and credentials are part of neither.
/// </remarks>
public abstract class Vertex
{
    /// <summary>What the names of traits begin with that are variables.</summary>
    internal const string VariableTrait = "variable ";

    private Digest? _digest;

    private protected Vertex(IReadOnlyList<Vertex> inputs)
    {
        Inputs = inputs;
        // Now, one below the other: a chain of many thousand steps must not need as many frames of a stack.
        foreach (var input in inputs)
            _ = input.Digest;
    }

    /// <summary>What people are shown, as in <c>[2/5] RUN npm install</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it comes from in the Dockerfile; null: nowhere.</summary>
    public SourceLines? Lines { get; init; }

    /// <summary>Run it although a result is known; the new result is kept all the same.</summary>
    public bool IgnoreCache { get; init; }

    /// <summary>What this is made of; steps name their inputs by the place in this list.</summary>
    public IReadOnlyList<Vertex> Inputs { get; }

    /// <summary>The place of the input that its tree is laid on; null: it is laid on nothing, or is no step that changes a tree.</summary>
    public virtual int? Root => null;

    /// <summary>Whether its result depends on a client's session, so that another build must not wait for this one's run.</summary>
    public virtual bool IsOfOneSession => false;

    /// <summary>The digest of the definition, that of all inputs included.</summary>
    public Digest Digest => _digest ??= Key([.. Inputs.Select(i => i.Digest)]);

    /// <summary>The key of this vertex for certain inputs.</summary>
    /// <param name="inputs">One digest for each of <see cref="Inputs"/>, in their order.</param>
    public Digest Key(IReadOnlyList<Digest> inputs)
    {
        if (inputs.Count != Inputs.Count)
            throw new ArgumentException($"{Inputs.Count} digests are needed, not {inputs.Count}", nameof(inputs));
        using var key = new KeyWriter();
        key.Add(GetType().Name);
        Describe(key);
        key.Add(inputs.Count);
        foreach (var input in inputs)
            key.Add(input.ToString());
        return key.Finish();
    }

    /// <summary>Which of an input's files matter to the result; null: the input as such does, whatever it holds.</summary>
    public virtual ContentSelection? SelectionOf(int input) => null;

    /// <summary>What the definition says, for people: names of things, and their values. Variables are named with <see cref="VariableTrait"/>.</summary>
    internal virtual IEnumerable<(string Name, string Value)> Traits() => [];

    /// <summary>Adds all that changes the result, except the inputs.</summary>
    private protected abstract void Describe(KeyWriter key);

    /// <summary>Throws when a step names an input that it does not have.</summary>
    private protected void RequireInput(int? input)
    {
        if (input is { } place && (uint)place >= (uint)Inputs.Count)
            throw new ArgumentOutOfRangeException(nameof(input), $"\"{Name}\" names input {place}, but has {Inputs.Count}");
    }
}

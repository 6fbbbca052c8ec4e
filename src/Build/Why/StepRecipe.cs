using Gantry.Model;

namespace Gantry.Build;

/// <summary>What the key of a step was made of, as one build left it: the next is compared with it, to say why a step runs.</summary>
public sealed record StepRecipe
{
    /// <summary>As people are shown it, as in <c>[build 2/5] RUN make</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its key with its inputs' identities: what is looked up first, without a look at what is in them.</summary>
    public required Digest Key { get; init; }

    /// <summary>Its definition: <see cref="Vertex.Traits"/>, values cut to what is worth showing.</summary>
    public required IReadOnlyDictionary<string, string> Traits { get; init; }

    public required IReadOnlyList<RecipeInput> Inputs { get; init; }
}

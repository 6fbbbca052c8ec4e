namespace Gantry.Build;

/// <summary>Lays the trees of its inputs over one another, the last on top: what <c>COPY --link</c> makes.</summary>
public sealed class MergeStep(IReadOnlyList<Vertex> inputs) : Vertex(inputs)
{
    private protected override void Describe(KeyWriter key)
    {
        // The inputs are all there is.
    }
}

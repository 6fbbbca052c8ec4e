namespace Gantry.Build;

/// <summary>What a step is made of, each vertex once.</summary>
internal sealed class StepInputs
{
    private readonly List<Vertex> _all = [];

    public IReadOnlyList<Vertex> All => _all;

    /// <summary>The place of a vertex.</summary>
    public int Add(Vertex vertex)
    {
        var place = _all.FindIndex(other => other.Digest == vertex.Digest);
        if (place >= 0)
            return place;
        _all.Add(vertex);
        return _all.Count - 1;
    }
}

using Gantry.Build;

namespace Gantry.Engine.Builds;

/// <summary>Looks at a build's graph.</summary>
internal static class Graph
{
    /// <summary>A vertex and all that it is made of, each once, inputs before what is made of them.</summary>
    public static IReadOnlyList<Vertex> All(Vertex? target)
    {
        var sorted = new List<Vertex>();
        if (target is null)
            return sorted;
        var seen = new HashSet<Model.Digest>();
        // Not by recursion: a chain of steps may be longer than a stack is deep.
        var waiting = new Stack<(Vertex Vertex, bool IsDone)>([(target, false)]);
        while (waiting.TryPop(out var next))
        {
            if (next.IsDone)
            {
                sorted.Add(next.Vertex);
                continue;
            }

            if (!seen.Add(next.Vertex.Digest))
                continue;
            waiting.Push((next.Vertex, true));
            foreach (var input in next.Vertex.Inputs.Reverse())
                waiting.Push((input, false));
        }

        return sorted;
    }
}

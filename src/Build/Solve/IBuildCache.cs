using Gantry.Model;

namespace Gantry.Build;

/// <summary>Results of steps that ran before, by their keys.</summary>
public interface IBuildCache
{
    /// <summary>The result of a key, if it is known.</summary>
    /// <param name="vertex">Whose key it is.</param>
    /// <param name="inputs">The results of its inputs, in their order.</param>
    StepResult? Find(Digest key, Vertex vertex, IReadOnlyList<StepResult> inputs);

    /// <summary>Remembers a result; replaces the one that was known.</summary>
    void Save(Digest key, StepResult result, Vertex vertex);
}

using Gantry.Model;

namespace Gantry.Build;

/// <summary>Results of steps that ran before, by their keys.</summary>
public interface IBuildCache
{
    /// <summary>The result of a key, if it is known and its tree is still there.</summary>
    StepResult? Find(Digest key);

    /// <summary>Remembers a result; replaces the one that was known.</summary>
    void Save(Digest key, StepResult result, Vertex vertex);
}

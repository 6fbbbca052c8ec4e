using Gantry.Model;

namespace Gantry.Build;

/// <summary>Looks into why a build failed.</summary>
public static class FailureCauses
{
    /// <summary>The exception of a kind among a failure and its causes, the outermost first; null: there is none.</summary>
    public static T? Find<T>(Exception? failure)
        where T : Exception
    {
        while (failure is not null and not T)
            failure = failure.InnerException;
        return (T?)failure;
    }

    /// <summary>The same failure with a step's lines of the Dockerfile; one that has lines keeps them.</summary>
    internal static GantryException Locate(Vertex vertex, GantryException failure) => vertex.Lines is not { } lines || Find<DockerfileException>(failure) is not null
        ? failure
        : GantryException.Of(failure.Kind, failure.Message, failure.Launch, new DockerfileException(lines, failure));
}

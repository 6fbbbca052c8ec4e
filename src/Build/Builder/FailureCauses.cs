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
}

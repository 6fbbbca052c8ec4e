namespace Gantry.Build;

/// <summary>A cache of one build's own, which knows more than that of all builds: what comes of it is shared within the build alone.</summary>
public sealed class OwnCache(IBuildCache cache)
{
    internal IBuildCache Cache => cache;

    internal StepFlights Flights { get; } = new();
}

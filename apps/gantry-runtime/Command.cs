namespace Gantry.Apps.GantryRuntime;

/// <summary>One verb of the command line.</summary>
/// <param name="Summary">One line for the list of commands.</param>
/// <param name="Usage">What follows the verb.</param>
/// <param name="Options">What it takes.</param>
/// <param name="Run">Does it; returns the exit code.</param>
internal sealed record Command(string Summary, string Usage, OptionSet Options, Func<RuntimeContext, ParsedOptions, int> Run)
{
    /// <summary>Everything from the first argument on is the container's command line.</summary>
    public bool StopAtArgument { get; init; }

    /// <summary>A copy of this program will stand inside a container for a moment: it has to be one that cannot be written.</summary>
    public bool ForksIntoContainers { get; init; }
}

using Gantry.Build;

namespace Gantry.Engine.History;

/// <summary>A builder whose builds are all logged.</summary>
public sealed class LoggedBuilder(IBuilder builder, BuildHistory history) : IBuilder
{
    /// <inheritdoc/>
    public IReadOnlyList<string> EmulatedPlatforms => builder.EmulatedPlatforms;

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.IsInternal)
            return await builder.BuildAsync(spec, session, progress, cancellationToken);
        using var log = history.Begin(spec, progress);
        try
        {
            var outcome = await builder.BuildAsync(spec, session, log, cancellationToken);
            log.End(outcome);
            // As buildx refers to builds: builder, node, build.
            return outcome with { Metadata = new Dictionary<string, string>(outcome.Metadata) { ["buildx.build.ref"] = $"gantry/gantry/{log.Id}" } };
        }
        catch (Exception failure)
        {
            log.End(failure);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Nothing is built, so nothing is logged.</remarks>
    public Task<SubrequestReply> AnswerAsync(string question, BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken) =>
        builder.AnswerAsync(question, spec, session, progress, cancellationToken);
}

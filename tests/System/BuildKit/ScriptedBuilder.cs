using Gantry.Build;

namespace Gantry.Tests.System.BuildKit;

/// <summary>A builder that does what a test says: what is tested is the door before it.</summary>
internal sealed class ScriptedBuilder : IBuilder
{
    public delegate Task<BuildOutcome> Script(BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken);

    private readonly Script _script;

    public ScriptedBuilder(Script script) => _script = script;

    /// <summary>What the builds were asked for, in their order.</summary>
    public List<BuildSpec> Specs { get; } = [];

    public Task<BuildOutcome> BuildAsync(BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken)
    {
        lock (Specs)
            Specs.Add(spec);
        return _script(spec, session, progress, cancellationToken);
    }

    /// <summary>Answers with the question, so that a test sees that it came.</summary>
    public Task<SubrequestReply> AnswerAsync(string question, BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken) =>
        Task.FromResult(new SubrequestReply { Json = global::System.Text.Encoding.UTF8.GetBytes($"{{\"name\":\"{question} of {spec.Target}\"}}"), Text = "" });
}

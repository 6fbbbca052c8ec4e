namespace Gantry.Build;

/// <summary>Builds images: what every door (classic, BuildKit, Gantry's own) leads to.</summary>
public interface IBuilder
{
    /// <summary>Builds, and puts the result where the specification says.</summary>
    /// <param name="session">The client, which has the files, secrets and logins.</param>
    /// <param name="progress">Is told of every step.</param>
    /// <exception cref="Model.GantryException">
    /// Something cannot be built; where it comes from a line of the Dockerfile, the cause is a <see cref="DockerfileException"/>, and
    /// where a command failed, a cause further down is a <see cref="StepExitException"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The client went away: the steps have been stopped, and nothing is left.</exception>
    Task<BuildOutcome> BuildAsync(BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken);

    /// <summary>Foreign platforms whose programs can be run here, as in <c>linux/arm64</c>.</summary>
    IReadOnlyList<string> EmulatedPlatforms => [];

    /// <summary>Answers a question about a build instead of building.</summary>
    /// <param name="question">One of <see cref="Subrequests"/>.</param>
    /// <exception cref="Model.GantryException">NotSupported: this builder cannot answer it. Otherwise as for a build.</exception>
    Task<SubrequestReply> AnswerAsync(string question, BuildSpec spec, IBuildSession session, IBuildProgress progress, CancellationToken cancellationToken) =>
        throw Model.GantryException.Of(Model.ErrorKind.NotSupported, $"unsupported request {question}");
}

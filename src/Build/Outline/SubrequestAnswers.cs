using Gantry.Model;

namespace Gantry.Build;

/// <summary>Answers questions about a build instead of building.</summary>
/// <param name="images">Knows what stages begin with: linting looks at it.</param>
/// <remarks>Source: moby/buildkit frontend/dockerfile/builder/build.go and subrequests.go.</remarks>
public sealed class SubrequestAnswers(IBaseImages images)
{
    /// <summary>Answers one.</summary>
    /// <param name="request">One of <see cref="Subrequests"/>.</param>
    /// <param name="source">The Dockerfile.</param>
    /// <param name="check">What to lint in place of the file's own <c># check=</c>; null: not given.</param>
    /// <param name="specify">What is to be compiled, once the file is read; the target that it names is what the question is about.</param>
    /// <exception cref="GantryException">NotSupported: nobody knows the question. Invalid: the file cannot be read, and the question was not what is wrong with it.</exception>
    public async Task<SubrequestReply> AnswerAsync(
        string request,
        FileSource source,
        string? check,
        Func<Dockerfile, CompileSpec> specify,
        CancellationToken cancellationToken) => request switch
    {
        Subrequests.Description => Subrequests.Describe(),
        Subrequests.Targets => TargetList.Of(DockerfileParser.Parse(source.Data, check), source.Data).ToReply(),
        Subrequests.Outline => OutlineReader.Read(specify(DockerfileParser.Parse(source.Data, check)), source.Data).ToReply(),
        Subrequests.Lint => (await LintAsync(source, check, specify, cancellationToken)).ToReply(),
        _ => throw GantryException.Of(ErrorKind.NotSupported, $"unsupported request {request}"),
    };

    /// <summary>What is wrong with a file: what linting finds, and what keeps it from being built. Without a target, all stages are looked at.</summary>
    /// <inheritdoc cref="AnswerAsync"/>
    public async Task<CheckResult> LintAsync(FileSource source, string? check, Func<Dockerfile, CompileSpec> specify, CancellationToken cancellationToken)
    {
        Dockerfile? file = null;
        try
        {
            file = DockerfileParser.Parse(source.Data, check);
            var spec = specify(file);
            var build = await new DockerfileCompiler(images).CompileAsync(spec with { AllStages = string.IsNullOrEmpty(spec.Build.Target) }, cancellationToken);
            return CheckResult.Of(source, build.Warnings);
        }
        catch (GantryException failure)
        {
            var warnings = (failure.InnerException as DockerfileException)?.Warnings ?? file?.Warnings ?? [];
            return CheckResult.Of(source, warnings, failure);
        }
    }
}

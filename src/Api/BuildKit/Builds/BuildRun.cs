using Gantry.Api.BuildKit.Session;
using Gantry.Build;
using Gantry.Model;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Runs one build of a job, and turns what comes of it into what clients are told.</summary>
internal static class BuildRun
{
    /// <param name="outputs">Where the result goes; empty: nowhere, the steps are only run.</param>
    /// <exception cref="RpcException">It failed.</exception>
    public static Task<Wire.SolveResponse> RunAsync(BuildKitFacts facts, ClientSessions sessions, BuildJob job, FrontendOptions options, IReadOnlyList<BuildOutput> outputs, CancellationToken cancellationToken) =>
        InSessionAsync(sessions, job, options, async (spec, directories, token) =>
        {
            var outcome = await facts.Builder.BuildAsync(spec with { Outputs = outputs }, directories, job.Log, token);
            job.Log.Report(outcome.Warnings, spec.DockerfileName, directories.Dockerfile);
            return Exports.Describe(outcome);
        }, cancellationToken);

    /// <summary>Answers a question about a build.</summary>
    /// <exception cref="RpcException">It failed.</exception>
    public static Task<SubrequestReply> AnswerAsync(BuildKitFacts facts, ClientSessions sessions, BuildJob job, FrontendOptions options, CancellationToken cancellationToken) =>
        InSessionAsync(sessions, job, options, (spec, directories, token) => facts.Builder.AnswerAsync(options.Question!, spec, directories, job.Log, token), cancellationToken);

    private static async Task<T> InSessionAsync<T>(ClientSessions sessions, BuildJob job, FrontendOptions options, Func<BuildSpec, BuildDirectories, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        BuildDirectories? directories = null;
        try
        {
            var session = await sessions.GetAsync(job.Request.Session, cancellationToken);
            directories = new BuildDirectories(session, options);
            // Without its client a build has no files to go on with, and nobody to tell.
            using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Gone);
            var spec = options.Spec with { Entitlements = [.. job.Request.Entitlements], CacheFrom = [.. options.Spec.CacheFrom, .. Imports(job.Request)] };
            return await work(spec, directories, until.Token);
        }
        catch (GantryException e)
        {
            throw BuildErrors.OfBuild(e, options.Spec.DockerfileName, directories?.Dockerfile ?? Google.Protobuf.ByteString.Empty);
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "context canceled"));
        }
        finally
        {
            directories?.Dispose();
        }
    }

    private static IEnumerable<string> Imports(Wire.SolveRequest request) =>
        (request.Cache?.Imports ?? []).Where(static i => i.Type == "registry" && i.Attrs.ContainsKey("ref")).Select(static i => i.Attrs["ref"]);
}

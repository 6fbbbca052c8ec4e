using Gantry.Api.BuildKit.Session;
using Gantry.Build;
using Gantry.Model;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Runs one build of a job, and turns what comes of it into what clients are told.</summary>
internal static class BuildRun
{
    /// <summary>Builds.</summary>
    /// <param name="change">Changes what the client's options say.</param>
    /// <exception cref="RpcException">It failed.</exception>
    public static Task<BuildOutcome> BuildAsync(BuildKitFacts facts, ClientSessions sessions, BuildJob job, FrontendOptions options, Func<BuildSpec, BuildSpec> change, CancellationToken cancellationToken) =>
        InSessionAsync(sessions, job, options, (spec, directories, token) => facts.Builder.BuildAsync(change(spec), directories, job.Log, token), cancellationToken);

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
            var spec = options.Spec with
            {
                Reference = job.Request.Ref,
                IsInternal = job.Request.Internal,
                Entitlements = [.. job.Request.Entitlements],
                CacheImports = [.. options.Spec.CacheImports, .. Caches.Imports(job.Request)],
                // What is only evaluated writes none: that comes with the export.
                CacheExports = Caches.Exports(job.Request),
            };
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
}

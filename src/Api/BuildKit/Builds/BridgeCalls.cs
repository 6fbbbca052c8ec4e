using System.Globalization;
using Gantry.Api.BuildKit.Session;
using Gantry.Api.BuildKit.Wire.Frontend;
using Gantry.Model;
using Gantry.Model.Patterns;
using Google.Protobuf;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>The service <c>moby.buildkit.v1.frontend.LLBBridge</c>: a client that is its own frontend says what is to be built.</summary>
/// <remarks>Nothing is built before the client hands the result back, or asks for it: a result is a name for what is to be done.</remarks>
internal sealed class BridgeCalls(BuildJobs jobs, ClientSessions sessions, FrontendInputs inputs, BuildKitFacts facts) : LLBBridge.LLBBridgeBase
{
    private const string BuildIdKey = "buildkit-controlapi-buildid";

    /// <summary>Images that are the frontend that is here already; clients name one for <c># syntax=</c> and BUILDKIT_SYNTAX.</summary>
    private static readonly string[] s_dockerfileImages = ["docker/dockerfile", "docker.io/docker/dockerfile", "docker/dockerfile-upstream", "docker.io/docker/dockerfile-upstream"];

    /// <summary>The one result that a client hands back; null: none.</summary>
    public static string? NameOf(Result? result)
    {
        var names = result?.ResultCase switch
        {
            Result.ResultOneofCase.RefDeprecated => [result.RefDeprecated],
            Result.ResultOneofCase.Ref => [result.Ref.Id],
            Result.ResultOneofCase.RefsDeprecated => result.RefsDeprecated.Refs.Values,
            Result.ResultOneofCase.Refs => result.Refs.Refs.Values.Select(static r => r.Id),
            _ => (IEnumerable<string>)[],
        };
        return names.FirstOrDefault(static n => n.Length > 0);
    }

    public override Task<PongResponse> Ping(PingRequest request, ServerCallContext context) => InJobAsync(context, _ =>
    {
        var pong = new PongResponse { Workers = { Worker.Describe(facts) } };
        pong.FrontendAPICaps.AddRange(Capabilities.Frontend);
        pong.LLBCaps.AddRange(Capabilities.Graph);
        return Task.FromResult(pong);
    });

    public override Task<SolveResponse> Solve(SolveRequest request, ServerCallContext context) => InJobAsync(context, async job =>
    {
        if (request.FrontendOpt.GetValueOrDefault("requestid", "").Length > 0)
            return await AnswerAsync(job, await ReadAsync(job, request, context.CancellationToken), context.CancellationToken);
        var options = await ReadAsync(job, request, context.CancellationToken);
        var result = job.Keep(facts, sessions, options);
        if (request.Evaluate)
            await result.SolveAsync(context.CancellationToken);
        if (!request.AllowResultReturn)
            return new SolveResponse { Ref = result.Name };
        return new SolveResponse { Result = Describe(result.Name, options.Spec.Platforms, request.AllowResultArrayRef) };
    });

    public override Task<EvaluateResponse> Evaluate(EvaluateRequest request, ServerCallContext context) => InJobAsync(context, async job =>
    {
        await job.Get(request.Ref).SolveAsync(context.CancellationToken);
        return new EvaluateResponse();
    });

    public override Task<ReadFileResponse> ReadFile(ReadFileRequest request, ServerCallContext context) => InJobAsync(context, async job =>
    {
        var result = await job.SolveAsync(request.Ref, context.CancellationToken);
        return new ReadFileResponse { Data = ByteString.CopyFrom(result.ReadFile(request.FilePath, request.Range?.Offset ?? 0, request.Range is { Length: > 0 and var length } ? length : null)) };
    });

    public override Task<ReadDirResponse> ReadDir(ReadDirRequest request, ServerCallContext context) => InJobAsync(context, async job =>
    {
        var result = await job.SolveAsync(request.Ref, context.CancellationToken);
        var wanted = PatternMatcher.Parse(request.IncludePattern.Length == 0 ? [] : [request.IncludePattern]);
        return new ReadDirResponse { Entries = { result.List(request.DirPath).Where(file => wanted.IsEmpty || wanted.Matches(file.Path)).Select(FileModeBits.StatOf) } };
    });

    public override Task<StatFileResponse> StatFile(StatFileRequest request, ServerCallContext context) => InJobAsync(context, async job =>
    {
        var result = await job.SolveAsync(request.Ref, context.CancellationToken);
        return new StatFileResponse { Stat = FileModeBits.StatOf(result.Stat(request.Path)) };
    });

    public override Task<ReturnResponse> Return(ReturnRequest request, ServerCallContext context) => InJobAsync(context, job =>
    {
        job.Returned.TrySetResult(request);
        return Task.FromResult(new ReturnResponse());
    });

    public override Task<InputsResponse> Inputs(InputsRequest request, ServerCallContext context) => InJobAsync(context, static _ => Task.FromResult(new InputsResponse()));

    public override Task<WarnResponse> Warn(WarnRequest request, ServerCallContext context) => InJobAsync(context, job =>
    {
        job.Log.Report(request);
        return Task.FromResult(new WarnResponse());
    });

    public override Task<ResolveImageConfigResponse> ResolveImageConfig(ResolveImageConfigRequest request, ServerCallContext context) =>
        throw BuildErrors.Unimplemented("this engine resolves images itself as it builds, and tells no frontend of them");

    private async Task<FrontendOptions> ReadAsync(BuildJob job, SolveRequest request, CancellationToken cancellationToken)
    {
        if (request.Frontend.Length == 0 && request.Definition is { Def.Count: > 0 } graph)
            return FrontendInputs.OfGraph(graph);
        CheckFrontend(request);
        var options = FrontendAttributes.Read(request.FrontendOpt);
        options = options with { Spec = options.Spec with { CacheImports = [.. options.Spec.CacheImports, .. Caches.Imports(request)] } };
        return await inputs.ReadAsync(job, options, request.FrontendInputs, cancellationToken);
    }

    private static void CheckFrontend(SolveRequest request)
    {
        switch (request.Frontend)
        {
            case "dockerfile.v0":
                return;
            case "gateway.v0":
                var source = request.FrontendOpt.GetValueOrDefault("source", "");
                var colon = source.IndexOfAny([':', '@'], source.LastIndexOf('/') + 1);
                if (s_dockerfileImages.Contains(colon < 0 ? source : source[..colon]))
                    return;
                throw BuildErrors.Unimplemented($"the frontend image \"{source}\" cannot be run: this engine reads Dockerfiles itself, as docker/dockerfile does");
            case "":
                throw BuildErrors.Unimplemented("there is nothing to build: no frontend and no definition were given");
            default:
                throw BuildErrors.Unimplemented($"frontend {request.Frontend} is not here: dockerfile.v0 is");
        }
    }

    // One name for each platform: another build that begins with the result takes its own platform's.
    private static Result Describe(string name, IReadOnlyList<string> platforms, bool withGraphs)
    {
        if (platforms.Count <= 1)
            return withGraphs ? new Result { Ref = Reference(name) } : new Result { RefDeprecated = name };
        var names = platforms.Distinct().Select((platform, number) => (Platform: platform, Name: new ResultName(name, number).ToString())).ToList();
        var result = withGraphs ? new Result { Refs = new RefMap() } : new Result { RefsDeprecated = new RefMapDeprecated() };
        foreach (var one in names)
        {
            result.Refs?.Refs.Add(one.Platform, Reference(one.Name));
            result.RefsDeprecated?.Refs.Add(one.Platform, one.Name);
        }

        result.Metadata["refs.platforms"] = ByteString.CopyFrom(ResultPlatforms.Write(names.Select(static one => one.Platform)));
        return result;

        static Ref Reference(string name) => new() { Id = name, Def = ResultGraph.Of(name) };
    }

    // An answer has no result to be exported: clients print what its metadata says.
    private async Task<SolveResponse> AnswerAsync(BuildJob job, FrontendOptions options, CancellationToken cancellationToken)
    {
        var reply = await BuildRun.AnswerAsync(facts, sessions, job, options, cancellationToken);
        var result = new Result { Ref = new Ref() };
        result.Metadata["result.json"] = ByteString.CopyFrom(reply.Json);
        result.Metadata["result.txt"] = ByteString.CopyFromUtf8(reply.Text);
        result.Metadata["version"] = ByteString.CopyFromUtf8(reply.Version);
        if (reply.StatusCode is { } status)
            result.Metadata["result.statuscode"] = ByteString.CopyFromUtf8(status.ToString(CultureInfo.InvariantCulture));
        return new SolveResponse { Result = result };
    }

    private async Task<T> InJobAsync<T>(ServerCallContext context, Func<BuildJob, Task<T>> call)
    {
        try
        {
            var id = context.RequestHeaders.GetValue(BuildIdKey) ?? throw GantryException.Of(ErrorKind.Invalid, $"no buildid found in context: the call needs the metadata {BuildIdKey}");
            return await call(await jobs.GetAsync(id, context.CancellationToken));
        }
        catch (GantryException e)
        {
            throw BuildErrors.Of(e);
        }
    }
}

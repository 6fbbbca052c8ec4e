using System.Globalization;
using Gantry.Api.BuildKit.Session;
using Gantry.Api.BuildKit.Wire;
using Gantry.Engine;
using Gantry.Engine.History;
using Gantry.Model;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>The service <c>moby.buildkit.v1.Control</c>.</summary>
/// <remarks>
/// A build takes three calls that are open at a time. A client with a frontend of its own, as buildx, sends the true request over
/// <see cref="BridgeCalls"/> and hands its result's name back:
/// <code>
///  Control.Solve ──────────────────────────────────── waits ──► builds, exports ──► answer
///  Control.Status ──────── states, output ───────────────────────────────────────► end
///     LLBBridge.Ping   LLBBridge.Solve → name   LLBBridge.Return(name) ┘
/// </code>
/// </remarks>
internal sealed class ControlCalls(BuildJobs jobs, ClientSessions sessions, FrontendInputs inputs, BuildKitFacts facts) : Wire.Control.ControlBase
{
    private const string ClockHeader = "buildkit-current-timestamp";

    public override async Task<SolveResponse> Solve(SolveRequest request, ServerCallContext context)
    {
        try
        {
            var outputs = Exports.Read(request);
            var direct = request.Frontend.Length == 0 ? null : DirectOptions(request);
            if (direct is null && request.Definition is { Def.Count: > 0 } graph)
                direct = FrontendInputs.OfGraph(graph);
            var job = jobs.Begin(request);
            try
            {
                // What is under way ends with the job, and the job with the client's call.
                await using var _ = context.CancellationToken.UnsafeRegister(static job => ((BuildJob)job!).Cancel(), job);
                if (direct is not null)
                    return Exports.Describe(await job.Keep(facts, sessions, await inputs.ReadAsync(job, direct, request.FrontendInputs, context.CancellationToken)).ExportAsync(outputs));
                return await FinishAsync(job, await job.Returned.Task.WaitAsync(context.CancellationToken), outputs);
            }
            finally
            {
                await jobs.EndAsync(job);
            }
        }
        catch (GantryException e)
        {
            throw BuildErrors.Of(e);
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "context canceled"));
        }
    }

    public override async Task Status(StatusRequest request, IServerStreamWriter<StatusResponse> responseStream, ServerCallContext context)
    {
        await TellTimeAsync(context);
        try
        {
            var past = jobs.Has(request.Ref) || facts.Engine is null ? null : await HistoryEvents.FindLogAsync(facts.Engine.BuildHistory, request.Ref, context.CancellationToken);
            var log = past ?? (await jobs.GetAsync(request.Ref, context.CancellationToken)).Log;
            await foreach (var response in log.ReadAsync(context.CancellationToken))
                await responseStream.WriteAsync(response, context.CancellationToken);
        }
        catch (GantryException e)
        {
            throw BuildErrors.Of(e);
        }
        catch (OperationCanceledException)
        {
            // Nobody reads any more.
        }
    }

    public override Task<ListWorkersResponse> ListWorkers(ListWorkersRequest request, ServerCallContext context) =>
        Task.FromResult(new ListWorkersResponse { Record = { Worker.Describe(facts) } });

    public override Task<InfoResponse> Info(InfoRequest request, ServerCallContext context) =>
        Task.FromResult(new InfoResponse { BuildkitVersion = Worker.VersionOf(facts) });

    public override async Task<DiskUsageResponse> DiskUsage(DiskUsageRequest request, ServerCallContext context)
    {
        try
        {
            return new DiskUsageResponse { Record = { await CacheRecords.ListAsync(Engine, request, facts.Time.GetUtcNow(), context.CancellationToken) } };
        }
        catch (GantryException e)
        {
            throw BuildErrors.Of(e);
        }
    }

    public override async Task Prune(PruneRequest request, IServerStreamWriter<UsageRecord> responseStream, ServerCallContext context)
    {
        try
        {
            foreach (var record in await CacheRecords.PruneAsync(Engine, request, context.CancellationToken))
                await responseStream.WriteAsync(record, context.CancellationToken);
        }
        catch (GantryException e)
        {
            throw BuildErrors.Of(e);
        }
    }

    public override async Task ListenBuildHistory(BuildHistoryRequest request, IServerStreamWriter<BuildHistoryEvent> responseStream, ServerCallContext context)
    {
        await TellTimeAsync(context);
        try
        {
            await foreach (var happening in HistoryEvents.ReadAsync(Engine.BuildHistory, request, context.CancellationToken))
                await responseStream.WriteAsync(happening, context.CancellationToken);
        }
        catch (GantryException e)
        {
            throw BuildErrors.Of(e);
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }
    }

    public override Task<UpdateBuildHistoryResponse> UpdateBuildHistory(UpdateBuildHistoryRequest request, ServerCallContext context)
    {
        try
        {
            if (request.Delete)
                HistoryEvents.Remove(Engine.BuildHistory, request.Ref);
            else if (!request.Finalize)
                throw BuildErrors.Unimplemented($"builds cannot be pinned: the newest {BuildHistory.MostBuilds} are kept");
            // There is no trace that could be finished.
            return Task.FromResult(new UpdateBuildHistoryResponse());
        }
        catch (GantryException e)
        {
            throw BuildErrors.Of(e);
        }
    }

    private GantryEngine Engine => facts.Engine ?? throw BuildErrors.Unimplemented("this engine keeps neither a build cache nor a history");

    private static FrontendOptions DirectOptions(SolveRequest request) => request.Frontend == "dockerfile.v0"
        ? FrontendAttributes.Read(request.FrontendAttrs)
        : throw BuildErrors.Unimplemented($"frontend {request.Frontend} is not here: dockerfile.v0 is");

    private static async Task<SolveResponse> FinishAsync(BuildJob job, Wire.Frontend.ReturnRequest returned, IReadOnlyList<Build.BuildOutput> outputs)
    {
        if (returned.Error is { } error)
            throw BuildErrors.Of(error);
        return BridgeCalls.NameOf(returned.Result) is { } name ? Exports.Describe(await job.Get(name).ExportAsync(outputs)) : new SolveResponse();
    }

    // Clients compare it with their own clock before they show how long ago something was.
    private Task TellTimeAsync(ServerCallContext context) =>
        context.WriteResponseHeadersAsync(new Metadata { { ClockHeader, facts.Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture) } });
}

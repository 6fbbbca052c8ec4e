using System.Globalization;
using Gantry.Api.BuildKit.Session;
using Gantry.Api.BuildKit.Wire;
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
internal sealed class ControlCalls(BuildJobs jobs, ClientSessions sessions, BuildKitFacts facts) : Wire.Control.ControlBase
{
    private const string ClockHeader = "buildkit-current-timestamp";

    public override async Task<SolveResponse> Solve(SolveRequest request, ServerCallContext context)
    {
        try
        {
            var outputs = Exports.Read(request);
            var direct = request.Frontend.Length == 0 ? null : DirectOptions(request);
            if (direct is null && request.Definition is { Def.Count: > 0 })
                throw BuildErrors.Unimplemented("this engine builds Dockerfiles, but no graphs of BuildKit's own (LLB)");
            var job = jobs.Begin(request);
            try
            {
                return direct is not null
                    ? await BuildRun.RunAsync(facts, sessions, job, direct, outputs, context.CancellationToken)
                    : await FinishAsync(job, await job.Returned.Task.WaitAsync(context.CancellationToken), outputs, context.CancellationToken);
            }
            finally
            {
                jobs.End(job);
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
            var job = await jobs.GetAsync(request.Ref, context.CancellationToken);
            await foreach (var response in job.Log.ReadAsync(context.CancellationToken))
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

    public override async Task ListenBuildHistory(BuildHistoryRequest request, IServerStreamWriter<BuildHistoryEvent> responseStream, ServerCallContext context)
    {
        await TellTimeAsync(context);
        throw BuildErrors.Unimplemented("this engine keeps no history of builds");
    }

    public override Task<UpdateBuildHistoryResponse> UpdateBuildHistory(UpdateBuildHistoryRequest request, ServerCallContext context) =>
        throw BuildErrors.Unimplemented("this engine keeps no history of builds");

    private static FrontendOptions DirectOptions(SolveRequest request) => request.Frontend == "dockerfile.v0"
        ? FrontendAttributes.Read(request.FrontendAttrs)
        : throw BuildErrors.Unimplemented($"frontend {request.Frontend} is not here: dockerfile.v0 is");

    private async Task<SolveResponse> FinishAsync(BuildJob job, Wire.Frontend.ReturnRequest returned, IReadOnlyList<Build.BuildOutput> outputs, CancellationToken cancellationToken)
    {
        if (returned.Error is { } error)
            throw BuildErrors.Of(error);
        return BridgeCalls.NameOf(returned.Result) is { } name
            ? await BuildRun.RunAsync(facts, sessions, job, job.Get(name), outputs, cancellationToken)
            : new SolveResponse();
    }

    // Clients compare it with their own clock before they show how long ago something was.
    private Task TellTimeAsync(ServerCallContext context) =>
        context.WriteResponseHeadersAsync(new Metadata { { ClockHeader, facts.Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture) } });
}

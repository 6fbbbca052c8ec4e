using Gantry.Api.BuildKit.Wire.Traces;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Takes what clients trace of themselves, so that they do not complain, and keeps nothing of it.</summary>
internal sealed class TraceCalls : TraceService.TraceServiceBase
{
    public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context) => Task.FromResult(new ExportTraceServiceResponse());
}

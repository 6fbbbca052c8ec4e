using Gantry.Api.BuildKit.Wire.Health;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Says that the engine is there.</summary>
internal sealed class HealthCalls : Health.HealthBase
{
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        Task.FromResult(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving });
}

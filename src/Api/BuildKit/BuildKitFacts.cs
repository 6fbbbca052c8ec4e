using Gantry.Build;

namespace Gantry.Api.BuildKit;

/// <summary>What BuildKit's services need of the engine.</summary>
/// <param name="Builder">Builds.</param>
/// <param name="ProductVersion">Of the engine.</param>
/// <param name="HostGateway">What <c>host-gateway</c> stands for in extra hosts; null: nothing.</param>
/// <param name="Time">The clock.</param>
internal sealed record BuildKitFacts(IBuilder Builder, string ProductVersion, Func<string?> HostGateway, TimeProvider Time);

using Gantry.Build;
using Gantry.Engine;

namespace Gantry.Api.BuildKit;

/// <summary>What BuildKit's services need of the engine.</summary>
/// <param name="Builder">Builds.</param>
/// <param name="ProductVersion">Of the engine.</param>
/// <param name="HostGateway">What <c>host-gateway</c> stands for in extra hosts; null: nothing.</param>
/// <param name="Time">The clock.</param>
/// <param name="Engine">Keeps the build cache and the history of builds; null: nobody does.</param>
internal sealed record BuildKitFacts(IBuilder Builder, string ProductVersion, Func<string?> HostGateway, TimeProvider Time, GantryEngine? Engine = null);

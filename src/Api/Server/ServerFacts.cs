using Gantry.Api.BuildKit;
using Gantry.Engine;
using Microsoft.Extensions.Logging;

namespace Gantry.Api.Server;

/// <summary>What every request may need.</summary>
/// <param name="Engine">The engine that is spoken to.</param>
/// <param name="ProductVersion">Told in the <c>Server</c> header.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">Where requests are logged.</param>
/// <param name="Answered">Told after each request; null: nobody wants to know.</param>
/// <param name="BuildKit">Where BuildKit's clients go; null: the engine has no builder.</param>
/// <param name="OffersBuildKit">Whether clients are told to go there.</param>
internal sealed record ServerFacts(GantryEngine Engine, string ProductVersion, TimeProvider Time, ILogger Log, Action? Answered = null, BuildKitDoor? BuildKit = null, bool OffersBuildKit = true);

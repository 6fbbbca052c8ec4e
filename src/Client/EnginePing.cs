namespace Gantry.Client;

/// <summary>What an engine says of itself before anything else.</summary>
/// <param name="ApiVersion">The newest API version it speaks.</param>
/// <param name="OsType">The platform of its containers.</param>
/// <param name="Experimental">Whether experimental features are on.</param>
public sealed record EnginePing(string ApiVersion, string OsType, bool Experimental);

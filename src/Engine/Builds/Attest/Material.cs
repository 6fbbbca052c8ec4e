namespace Gantry.Engine.Builds;

/// <summary>Something from elsewhere that a result was made of.</summary>
/// <param name="Algorithm">Of the digest, as in <c>sha256</c>; a commit's is <c>sha1</c>.</param>
internal sealed record Material(string Uri, string Algorithm, string Hex);

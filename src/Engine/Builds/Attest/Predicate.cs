namespace Gantry.Engine.Builds;

/// <summary>What is said of a result.</summary>
/// <param name="Type">What kind of saying it is: an address.</param>
/// <param name="Content">One JSON object.</param>
/// <param name="FileName">What it is called where files are sent.</param>
/// <param name="InlineOnly">It is not sent as a file.</param>
internal sealed record Predicate(string Type, byte[] Content, string FileName, bool InlineOnly);

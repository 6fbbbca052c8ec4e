namespace Gantry.Cli.Builds;

/// <summary>A finding of a lint rule.</summary>
/// <param name="FirstLine">From 1; 0: it is about no line.</param>
internal sealed record BuildWarning(string Rule, string Message, string Description, string Url, int FirstLine, int LastLine);

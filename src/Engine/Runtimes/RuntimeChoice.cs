namespace Gantry.Engine.Runtimes;

/// <summary>An OCI runtime that containers can ask for by name.</summary>
/// <param name="Path">The program, absolute.</param>
/// <param name="Arguments">What stands before the command in each call.</param>
public sealed record RuntimeChoice(string Path, IReadOnlyList<string> Arguments);

namespace Gantry.Build;

/// <summary>Lines of a Dockerfile, counted from 1, both ends included.</summary>
public readonly record struct SourceLines(int First, int Last);

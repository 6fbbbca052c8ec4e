namespace Gantry.Engine.Top;

/// <summary>A column of ps.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="Value">A process's value in it.</param>
internal sealed record PsColumn(string Title, Func<ProcessRow, PsHost, string> Value);

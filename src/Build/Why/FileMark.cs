namespace Gantry.Build;

/// <summary>One file of a step's input as a build saw it.</summary>
/// <param name="Path">From the input's root; a directory's ends in a slash.</param>
/// <param name="Mark">Of what it was: other marks, other content, mode or owner.</param>
public readonly record struct FileMark(string Path, long Mark);

namespace Gantry.Model.Monitor;

/// <summary>Another OCI runtime that a monitor drives instead of its own: <c>runc</c>, <c>crun</c>, or what the configuration names.</summary>
/// <param name="Path">The program, absolute.</param>
/// <param name="Arguments">What stands before the command in each call.</param>
public sealed record MonitorRuntime(string Path, IReadOnlyList<string> Arguments);

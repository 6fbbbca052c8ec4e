namespace Gantry.Model.Monitor;

/// <summary>One exec that the monitor knows.</summary>
/// <param name="ExecId">Its name.</param>
/// <param name="Pid">Its process, as the host counts; still given after it has ended.</param>
/// <param name="ExitCode">Null while it runs.</param>
public sealed record MonitorExecState(string ExecId, int Pid, int? ExitCode);

namespace Gantry.Model.Monitor;

/// <summary>A monitor's word that a probe has ended, and what that makes of the container's health.</summary>
/// <param name="ExecId">The probe's exec.</param>
/// <param name="ProcessExit">How its process ended, also when that was by the time limit; null: it could not be run.</param>
/// <param name="Health">The health from now on; its log holds this probe alone.</param>
public sealed record MonitorProbeEnd(string ExecId, int? ProcessExit, MonitorHealth Health);

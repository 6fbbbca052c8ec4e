namespace Gantry.Model.Monitor;

/// <summary>A monitor's word that the kernel has killed something in its container for want of memory.</summary>
/// <param name="PeakBytes">The most memory that the container has used; 0 when the kernel does not say.</param>
/// <param name="LimitBytes">What it may use; 0 when there is no limit.</param>
public sealed record MonitorOom(long PeakBytes, long LimitBytes);

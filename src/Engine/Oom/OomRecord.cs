namespace Gantry.Engine.Oom;

/// <summary>What is known of the last time that the kernel killed something in a container for want of memory.</summary>
/// <param name="PeakBytes">The most memory that the container had used; 0: unknown.</param>
/// <param name="LimitBytes">What it may use; 0: no limit of its own.</param>
/// <param name="Victim">What was killed; null: unknown.</param>
public sealed record OomRecord(long PeakBytes, long LimitBytes, OomVictim? Victim);

namespace Gantry.Client;

/// <summary>Takes bytes.</summary>
public delegate void WriteBytes(ReadOnlySpan<byte> bytes);

namespace Gantry.Client;

/// <summary>Reads some bytes; returns how many, 0 at the end.</summary>
public delegate int ReadBytes(Span<byte> into);

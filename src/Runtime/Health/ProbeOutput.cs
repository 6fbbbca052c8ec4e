using System.Text;
using Gantry.Runtime.Monitor;

namespace Gantry.Runtime.Health;

/// <summary>Keeps the begin of what a probe writes.</summary>
/// <remarks>Source: moby daemon/health.go: 4096 bytes, then an ellipsis.</remarks>
public sealed class ProbeOutput : IOutputSink
{
    private const int MaxBytes = 4096;
    private byte[] _kept = [];
    private bool _cut;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes, bool isStderr)
    {
        var room = MaxBytes - _kept.Length;
        _cut |= bytes.Length > room;
        _kept = [.. _kept, .. bytes[..Math.Min(room, bytes.Length)]];
    }

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(_kept) + (_cut ? "..." : "");
}

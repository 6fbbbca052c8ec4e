namespace Gantry.Engine.Monitors;

/// <summary>Finds the key sequence that detaches in what a client types. Pure state, one per client.</summary>
/// <remarks>As moby's term.NewEscapeProxy: bytes that may begin the sequence are held until the next one decides.</remarks>
public sealed class DetachKeys(ReadOnlyMemory<byte> keys)
{
    private int _matched;

    /// <summary>Takes what was typed.</summary>
    /// <param name="typed">The bytes.</param>
    /// <param name="passed">Gets what goes on to the process.</param>
    /// <returns>True when the sequence is complete; what was typed behind it is dropped.</returns>
    public bool Filter(ReadOnlySpan<byte> typed, List<byte> passed)
    {
        var sequence = keys.Span;
        foreach (var octet in typed)
        {
            if (sequence.Length > 0 && octet == sequence[_matched])
            {
                if (++_matched == sequence.Length)
                {
                    _matched = 0;
                    return true;
                }
                continue;
            }
            passed.AddRange(sequence[.._matched]);
            _matched = 0;
            if (sequence.Length > 1 && octet == sequence[0])
                _matched = 1;
            else
                passed.Add(octet);
        }
        return false;
    }
}

using Gantry.Model;

namespace Gantry.Cli.Terminal;

/// <summary>The keys that leave a container alone, <c>ctrl-p,ctrl-q</c> unless said otherwise: found in what is typed.</summary>
/// <remarks>Source: docker attach reference, "--detach-keys": a letter or ctrl- with one of a-z @ ^ [ , _.</remarks>
internal sealed class DetachKeys(byte[] keys)
{
    private int _matched;

    /// <summary>Ctrl-P, Ctrl-Q.</summary>
    public static DetachKeys Default => new([16, 17]);

    /// <summary>Reads a key sequence; empty is the default.</summary>
    /// <exception cref="GantryException">Invalid: a key that is none.</exception>
    public static DetachKeys Parse(string text)
    {
        if (text.Length == 0)
            return Default;
        var keys = new List<byte>();
        foreach (var key in text.Split(','))
        {
            var lower = key.ToLowerInvariant();
            if (key.Length == 1 && key[0] < 128)
                keys.Add((byte)key[0]);
            else if (lower.StartsWith("ctrl-", StringComparison.Ordinal) && lower.Length == 6 && Control(lower[5]) is { } code)
                keys.Add(code);
            else
                throw GantryException.Of(ErrorKind.Invalid, $"invalid detach keys ({text}): unknown character: '{key}'");
        }
        return new([.. keys]);
    }

    /// <summary>Looks through typed bytes.</summary>
    /// <param name="typed">What was read.</param>
    /// <param name="send">Takes what is for the container: everything but a sequence that is, or may become, the keys.</param>
    /// <returns>Whether the keys were typed.</returns>
    public bool Filter(ReadOnlySpan<byte> typed, MemoryStream send)
    {
        foreach (var b in typed)
        {
            if (b == keys[_matched])
            {
                if (++_matched == keys.Length)
                    return true;
                continue;
            }
            send.Write(keys, 0, _matched);
            _matched = b == keys[0] && keys.Length > 1 ? 1 : 0;
            if (_matched == 0)
                send.WriteByte(b);
        }
        return false;
    }

    private static byte? Control(char c) => c switch
    {
        >= 'a' and <= 'z' => (byte)(c - 'a' + 1),
        '@' => 0,
        '[' => 27,
        '\\' => 28,
        ']' => 29,
        '^' => 30,
        '_' => 31,
        _ => null,
    };
}

using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>Reads the keys that detach a client from a terminal. Pure.</summary>
/// <remarks>Source: moby pkg/term ToBytes: letters, and ctrl- with a letter or one of @ [ \ ] ^ _.</remarks>
public static class DetachKeySequence
{
    /// <summary>What is sent when nothing else is asked for: ctrl-p, ctrl-q.</summary>
    public static ReadOnlyMemory<byte> Default { get; } = new byte[] { 16, 17 };

    /// <summary>The bytes of <c>ctrl-p,ctrl-q</c>; null and empty give the default.</summary>
    /// <exception cref="GantryException">Invalid: an unknown key.</exception>
    public static ReadOnlyMemory<byte> Parse(string? keys) =>
        string.IsNullOrEmpty(keys) ? Default : keys.Split(',').Select(key => ByteOf(key, keys)).ToArray();

    private static byte ByteOf(string key, string all)
    {
        if (key.Length == 1 && char.IsAscii(key[0]))
            return (byte)key[0];
        if (key.Length == 6 && key.StartsWith("ctrl-", StringComparison.Ordinal))
        {
            switch (key[5])
            {
                case >= 'a' and <= 'z':
                    return (byte)(key[5] - 'a' + 1);
                case '@':
                    return 0;
                case >= '[' and <= '_':
                    return (byte)(key[5] - '[' + 27);
            }
        }
        throw GantryException.Of(ErrorKind.Invalid, $"Invalid detach keys ({all}) provided: \"{key}\" is none: write them as in ctrl-p,ctrl-q");
    }
}

using System.Text;

namespace Gantry.Tests.Unit.Hostile;

/// <summary>Damages inputs at random, the same way each time: each seed of the generator gives one damaged input.</summary>
internal static class Mutations
{
    // What parsers stumble over: ends of ranges, quotes, brackets, separators, digits, signs, NUL.
    private static readonly byte[] _pointed = [.. "\0\n\r\t \"'\\{}[]:,;=/@.-+0123456789eEx%"u8, 0x7F, 0x80, 0xC3, 0xED, 0xFF];

    private static readonly byte[][] _words =
    [
        [.. "null"u8], [.. "true"u8], [.. "-1"u8], [.. "1e999"u8], [.. "9223372036854775808"u8], [.. "99999999999"u8], [.. "\\ud800"u8], [.. "\"\":"u8], [.. "[[[["u8], [.. "sha256:"u8], [.. "../"u8],
    ];

    /// <summary>A damaged copy of one of the seeds.</summary>
    public static byte[] Of(IReadOnlyList<byte[]> seeds, int seed)
    {
        var random = new Random(seed);
        var bytes = seeds[random.Next(seeds.Count)].ToList();
        for (var blows = random.Next(1, 7); blows > 0; blows--)
            Strike(bytes, seeds, random);
        return [.. bytes];
    }

    /// <summary>Strings as seeds.</summary>
    public static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static void Strike(List<byte> bytes, IReadOnlyList<byte[]> seeds, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 17), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = _pointed[random.Next(_pointed.Length)];
                break;
            case 2:
                bytes.Insert(at, _pointed[random.Next(_pointed.Length)]);
                break;
            case 3:
                bytes.InsertRange(at, _words[random.Next(_words.Length)]);
                break;
            case 4:
                bytes.RemoveRange(at, length);
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 7:
                bytes.InsertRange(at, Enumerable.Repeat(_pointed[random.Next(_pointed.Length)], random.Next(1, 300)));
                break;
            default:
                var other = seeds[random.Next(seeds.Count)];
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, Math.Min(64, other.Length - from)).ToArray());
                break;
        }
    }
}

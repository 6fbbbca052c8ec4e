using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Model;

/// <summary>A content digest, <c>sha256:…</c> or <c>sha512:…</c>; validated once, when it is made.</summary>
/// <remarks>Source: image-spec descriptor.md, Digests.</remarks>
[JsonConverter(typeof(DigestJsonConverter))]
public readonly record struct Digest : IComparable<Digest>
{
    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary>The algorithm, as in <c>sha256</c>.</summary>
    public string Algorithm => ToString()[..ToString().IndexOf(':', StringComparison.Ordinal)];

    /// <summary>The encoded part: lower-case hexadecimal.</summary>
    public string Hex => ToString()[(ToString().IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>The first 12 hexadecimal digits, as people are shown ids.</summary>
    public string Short => Hex[..12];

    /// <summary>Makes a sha256 digest of raw hash bytes.</summary>
    public static Digest OfSha256(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != 32)
            throw new ArgumentException("a sha256 hash has 32 bytes", nameof(hash));
        return new("sha256:" + Convert.ToHexStringLower(hash));
    }

    /// <summary>Parses a digest.</summary>
    /// <exception cref="GantryException">Invalid: not a digest.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw GantryException.Of(ErrorKind.Invalid, $"\"{text}\" is not a digest: write sha256: and 64 hexadecimal digits");

    /// <summary>Parses a digest; false when it is none.</summary>
    public static bool TryParse(string? text, out Digest digest)
    {
        digest = default;
        if (text is null)
            return false;
        var hexLength = text.StartsWith("sha256:", StringComparison.Ordinal) ? 64 : text.StartsWith("sha512:", StringComparison.Ordinal) ? 128 : 0;
        if (hexLength == 0 || text.Length != 7 + hexLength || text.AsSpan(7).ContainsAnyExcept("0123456789abcdef"))
            return false;
        digest = new(text);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Digest other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <inheritdoc/>
    public override string ToString() => _text ?? throw new InvalidOperationException("an unset digest was used");

    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;

    public sealed class DigestJsonConverter : JsonConverter<Digest>
    {
        public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var digest) ? digest : throw new JsonException($"\"{reader.GetString()}\" is not a digest");

        public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

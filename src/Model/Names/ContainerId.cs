using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Model;

/// <summary>A container's id: 64 lower-case hexadecimal digits; validated once, when it is made.</summary>
/// <remarks>Also the shape of exec, endpoint and network ids.</remarks>
[JsonConverter(typeof(ContainerIdJsonConverter))]
public readonly record struct ContainerId : IComparable<ContainerId>
{
    /// <summary>How many digits an id has.</summary>
    public const int Length = 64;

    /// <summary>How many digits people are shown.</summary>
    public const int ShortLength = 12;

    private readonly string? _text;

    private ContainerId(string text) => _text = text;

    /// <summary>The first 12 digits, as people are shown ids.</summary>
    public string Short => ToString()[..ShortLength];

    /// <summary>Makes a new random id.</summary>
    /// <remarks>
    /// An id whose first 12 digits are all decimal is never given out: as a default host name it would be taken for a number.
    /// </remarks>
    public static ContainerId New()
    {
        while (true)
        {
            var text = RandomNumberGenerator.GetHexString(Length, lowercase: true);
            if (text.AsSpan(0, ShortLength).ContainsAnyExceptInRange('0', '9'))
                return new(text);
        }
    }

    /// <summary>Parses an id; false when the text is none.</summary>
    public static bool TryParse(string? text, out ContainerId id)
    {
        id = default;
        if (text is null || text.Length != Length || text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return false;
        id = new(text);
        return true;
    }

    /// <summary>Parses an id.</summary>
    /// <exception cref="GantryException">Invalid: not 64 hexadecimal digits.</exception>
    public static ContainerId Parse(string text) =>
        TryParse(text, out var id) ? id : throw GantryException.Of(ErrorKind.Invalid, $"\"{text}\" is not a container id: an id has 64 hexadecimal digits");

    /// <inheritdoc/>
    public int CompareTo(ContainerId other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <inheritdoc/>
    public override string ToString() => _text ?? throw new InvalidOperationException("the container id was never set");

    public static bool operator <(ContainerId left, ContainerId right) => left.CompareTo(right) < 0;

    public static bool operator >(ContainerId left, ContainerId right) => left.CompareTo(right) > 0;

    public static bool operator <=(ContainerId left, ContainerId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ContainerId left, ContainerId right) => left.CompareTo(right) >= 0;
}

/// <summary>Writes an id as its text.</summary>
public sealed class ContainerIdJsonConverter : JsonConverter<ContainerId>
{
    public override ContainerId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ContainerId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("not a container id");

    public override void Write(Utf8JsonWriter writer, ContainerId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

using System.Globalization;
using System.Numerics;
using Gantry.Cli.Specs;
using Gantry.Model;

namespace Gantry.Cli.Flags;

/// <summary>Checks flag values by kind and gives them the form in which they are kept.</summary>
internal static class FlagCheck
{
    /// <summary>Checks a value.</summary>
    /// <exception cref="FlagException">What is wrong, without the flag's name.</exception>
    public static string Normalize(Flag flag, string value)
    {
        if (flag.Normalize is { } normalize)
            return normalize(value);
        return flag.Kind switch
        {
            FlagKind.Bool => Bool(value),
            FlagKind.Int => Integer(value).ToString(CultureInfo.InvariantCulture),
            FlagKind.Uint => Unsigned(value, ulong.MaxValue),
            FlagKind.Uint16 => Unsigned(value, ushort.MaxValue),
            FlagKind.Bytes => ByteSize.Parse(value).ToString(CultureInfo.InvariantCulture),
            FlagKind.Duration => Duration(value).ToString(CultureInfo.InvariantCulture),
            FlagKind.Decimal => NanoCpus(value).ToString(CultureInfo.InvariantCulture),
            FlagKind.Filter => Filter(value),
            FlagKind.StringToString => Pairs(value),
            FlagKind.Ulimit => UlimitSpec.Check(value),
            FlagKind.Mount => MountSpecs.Check(value),
            FlagKind.Network => NetworkSpec.Check(value),
            FlagKind.GpuRequest => GpuSpec.Check(value),
            _ => value,
        };
    }

    private static long Duration(string value)
    {
        try
        {
            return GoDuration.Parse(value);
        }
        catch (GantryException e)
        {
            throw new FlagException(e.Message);
        }
    }

    /// <summary>A switch's value as Go's strconv.ParseBool takes it.</summary>
    public static string Bool(string value) => value switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => "true",
        "0" or "f" or "F" or "false" or "FALSE" or "False" => "false",
        _ => throw new FlagException($"strconv.ParseBool: parsing {GoText.Quote(value)}: invalid syntax"),
    };

    /// <summary>A whole number as Go's strconv.ParseInt with base 0 takes it: 0x, 0o, 0b and a leading 0 count.</summary>
    public static long Integer(string value)
    {
        var negative = value.StartsWith('-');
        var digits = negative || value.StartsWith('+') ? value[1..] : value;
        if (Magnitude(digits) is not { } magnitude)
            throw new FlagException($"strconv.ParseInt: parsing {GoText.Quote(value)}: invalid syntax");
        var signed = negative ? -magnitude : magnitude;
        return signed >= long.MinValue && signed <= long.MaxValue
            ? (long)signed
            : throw new FlagException($"strconv.ParseInt: parsing {GoText.Quote(value)}: value out of range");
    }

    /// <summary>A fraction of CPUs in billionths; docker takes what Go's big.Rat does: <c>1.5</c>, <c>1e-1</c>, <c>3/2</c>.</summary>
    public static long NanoCpus(string value)
    {
        if (FindRational(value) is not { } rational)
            throw new FlagException($"failed to parse {value} as a rational number");
        var scaled = rational.Numerator * 1_000_000_000;
        if (scaled % rational.Denominator != 0)
            throw new FlagException("value is too precise");
        return (long)(scaled / rational.Denominator);
    }

    private static (BigInteger Numerator, BigInteger Denominator)? FindRational(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0)
        {
            return BigInteger.TryParse(value.AsSpan(0, slash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var top)
                && BigInteger.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bottom) && !bottom.IsZero
                ? (top, bottom) : null;
        }
        var mantissa = value;
        var exponent = 0;
        var e = value.IndexOfAny(['e', 'E']);
        if (e > 0)
        {
            mantissa = value[..e];
            if (!int.TryParse(value.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > 100)
                return null;
        }
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            exponent -= mantissa.Length - point - 1;
            mantissa = mantissa.Remove(point, 1);
        }
        if (!BigInteger.TryParse(mantissa, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return null;
        return exponent >= 0 ? (number * BigInteger.Pow(10, exponent), BigInteger.One) : (number, BigInteger.Pow(10, -exponent));
    }

    private static string Unsigned(string value, ulong limit)
    {
        if (Magnitude(value) is not { } magnitude)
            throw new FlagException($"strconv.ParseUint: parsing {GoText.Quote(value)}: invalid syntax");
        return magnitude <= limit ? magnitude.ToString(CultureInfo.InvariantCulture) : throw new FlagException($"strconv.ParseUint: parsing {GoText.Quote(value)}: value out of range");
    }

    private static BigInteger? Magnitude(string digits)
    {
        var (radix, body) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, digits[2..]),
            ['0', 'b' or 'B', ..] => (2, digits[2..]),
            ['0', 'o' or 'O', ..] => (8, digits[2..]),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        if (body.Length == 0)
            return null;
        var number = BigInteger.Zero;
        foreach (var c in body)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
                return null;
            number = (number * radix) + digit;
        }
        return number;
    }

    // Source: pflag string_to_string.go.
    private static string Pairs(string value) =>
        value.Split(',').All(static pair => pair.Contains('=', StringComparison.Ordinal)) ? value : throw new FlagException($"{value} must be formatted as key=value");

    private static string Filter(string value)
    {
        if (value.Length == 0)
            return value;
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            throw new FlagException("bad format of filter (expected name=value)");
        return value[..equals].Trim().ToLowerInvariant() + "=" + value[(equals + 1)..].Trim();
    }
}

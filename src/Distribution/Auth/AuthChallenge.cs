namespace Gantry.Distribution;

/// <summary>What a server asks for in <c>WWW-Authenticate</c>.</summary>
/// <param name="Scheme">In lower case: <c>bearer</c>, <c>basic</c>.</param>
/// <param name="Parameters">By name, in lower case.</param>
/// <remarks>Source: RFC 9110, 11.6.1; distribution docs/spec/auth/token.md.</remarks>
public sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MostText = 8192;

    public string? Find(string parameter) => Parameters.GetValueOrDefault(parameter);

    /// <summary>Parses a header's value, which may hold several challenges; what makes no sense is left out.</summary>
    public static IReadOnlyList<AuthChallenge> Parse(string header)
    {
        var challenges = new List<AuthChallenge>();
        var text = header.AsSpan(0, Math.Min(header.Length, MostText));
        string? scheme = null;
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            text = text.TrimStart(" \t,");
            var word = Token(ref text);
            if (word.Length == 0)
                break;
            var afterSpace = text.TrimStart(" \t");
            if (scheme is not null && afterSpace.StartsWith("="))
            {
                text = afterSpace[1..].TrimStart(" \t");
                parameters.TryAdd(word.ToLowerInvariant(), text.StartsWith("\"") ? Quoted(ref text) : Token(ref text));
                continue;
            }

            if (scheme is not null)
                challenges.Add(new(scheme, parameters));
            scheme = word.ToLowerInvariant();
            parameters = new(StringComparer.Ordinal);
        }

        if (scheme is not null)
            challenges.Add(new(scheme, parameters));
        return challenges;
    }

    private static string Token(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(" \t,=\"");
        if (end < 0)
            end = text.Length;
        var token = text[..end].ToString();
        text = text[end..];
        return token;
    }

    private static string Quoted(ref ReadOnlySpan<char> text)
    {
        var value = new System.Text.StringBuilder();
        var i = 1;
        for (; i < text.Length && text[i] != '"'; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
                i++;
            value.Append(text[i]);
        }

        text = text[Math.Min(i + 1, text.Length)..];
        return value.ToString();
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Filters as BuildKit's clients write them: <c>type==regular,id~=^ab</c>. All conditions of one must hold, and one of several filters.</summary>
/// <remarks>Source: containerd pkg/filters, whose grammar this is but for fields in several parts.</remarks>
internal sealed class FieldFilter
{
    /// <summary>A pattern may be made to take long; this is more than any that is meant.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    private readonly List<List<(string Field, string Operator, string Value)>> _filters = [];

    private FieldFilter()
    {
    }

    /// <summary>Reads filters; none, or empty ones, let everything through.</summary>
    /// <param name="known">Fields that there are.</param>
    /// <exception cref="GantryException">Invalid: no filter, or a field that is not known.</exception>
    public static FieldFilter Parse(IEnumerable<string> filters, IReadOnlyCollection<string> known)
    {
        var all = new FieldFilter();
        foreach (var text in filters.Where(static text => text.Length > 0))
        {
            var conditions = new List<(string, string, string)>();
            for (var at = 0; at < text.Length; at++)
            {
                var field = ReadField(text, ref at);
                if (!known.Contains(field))
                    throw GantryException.Of(ErrorKind.Invalid, $"invalid filter \"{text}\": there is no field {field}, but {string.Join(", ", known)}");
                var rest = text.AsSpan(at);
                var comparison = rest.StartsWith("==") || rest.StartsWith("!=") || rest.StartsWith("~=") ? rest[..2].ToString() : "";
                at += comparison.Length;
                conditions.Add((field, comparison, comparison.Length == 0 ? "" : ReadValue(text, ref at)));
                if (at < text.Length && text[at] != ',')
                    throw Malformed(text, at);
            }

            all._filters.Add(conditions);
        }

        return all;
    }

    /// <summary>Whether something gets through.</summary>
    /// <param name="find">The value of a field; null: it is not set.</param>
    /// <exception cref="GantryException">Invalid: a pattern that cannot be read.</exception>
    public bool Matches(Func<string, string?> find) => _filters.Count == 0 || _filters.Exists(conditions => conditions.TrueForAll(condition => Holds(condition, find(condition.Field))));

    private static bool Holds((string Field, string Operator, string Value) condition, string? value)
    {
        switch (condition.Operator)
        {
            case "==":
                return value == condition.Value;
            case "!=":
                return value != condition.Value;
            case "~=":
                try
                {
                    return value is not null && Regex.IsMatch(value, condition.Value, RegexOptions.CultureInvariant, s_patience);
                }
                catch (ArgumentException e)
                {
                    throw GantryException.Of(ErrorKind.Invalid, $"invalid pattern {condition.Value} for {condition.Field}", cause: e);
                }
                catch (RegexMatchTimeoutException)
                {
                    return false;
                }
            default:
                return value is not null;
        }
    }

    private static string ReadField(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            at++;
        return at > start ? text[start..at] : throw Malformed(text, at);
    }

    private static string ReadValue(string text, ref int at)
    {
        if (at < text.Length && text[at] is '"' or '/' or '|' && text[at] is var quote)
        {
            var value = new StringBuilder();
            for (at++; at < text.Length && text[at] != quote; at++)
            {
                if (text[at] == '\\' && at + 1 < text.Length)
                    at++;
                value.Append(text[at]);
            }

            return at++ < text.Length ? value.ToString() : throw Malformed(text, text.Length);
        }

        var start = at;
        while (at < text.Length && text[at] != ',' && !char.IsWhiteSpace(text[at]))
            at++;
        return at > start ? text[start..at] : throw Malformed(text, at);
    }

    private static GantryException Malformed(string text, int at) =>
        GantryException.Of(ErrorKind.Invalid, $"invalid filter \"{text}\" at character {at + 1}: a filter is FIELD==VALUE, FIELD!=VALUE, FIELD~=PATTERN or FIELD, with commas between several");
}

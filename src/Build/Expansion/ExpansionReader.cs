using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads one text for an <see cref="Expander"/>.</summary>
internal sealed class ExpansionReader(string text, Expander rules, Func<string, string?> find)
{
    // Words nest by recursion; nobody writes so many, and the stack has an end.
    private const int MaxDepth = 200;

    // A variable that doubles itself on each line would fill the memory in thirty lines. No variable that a program can be given has as many.
    private const int MaxGrowth = 1 << 20;

    private readonly Rune[] _text = [.. text.EnumerateRunes()];
    private readonly HashSet<string> _matched = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unmatched = new(StringComparer.Ordinal);
    private int _at;
    private int _depth;
    private int _growth;

    public IReadOnlySet<string> Matched => _matched;

    public IReadOnlySet<string> Unmatched => _unmatched;

    private int Next => _at < _text.Length ? _text[_at].Value : -1;

    private bool AtEnd => _at >= _text.Length;

    public string ReadAll(out IReadOnlyList<string> words)
    {
        var cutter = new WordCutter();
        var result = ReadUntil(stop: null, rules.KeepsEscapes, cutter);
        words = cutter.Finish();
        return result;
    }

    // Up to a character that ends the word, which is read too; null: up to the end.
    private string ReadUntil(char? stop, bool keepEscapes, WordCutter? cutter)
    {
        if (++_depth > MaxDepth)
            throw Invalid($"more than {MaxDepth} substitutions within one another");
        var result = new StringBuilder();
        while (!AtEnd)
        {
            if (Next == stop)
            {
                _at++;
                _depth--;
                return result.ToString();
            }
            switch (Next)
            {
                case '$':
                    var value = ReadVariable();
                    result.Append(value);
                    cutter?.AddValue(value);
                    break;
                case '\'' when !rules.IgnoresQuotes:
                    AppendRaw(ReadSingleQuoted());
                    break;
                case '"' when !rules.IgnoresQuotes:
                    AppendRaw(ReadDoubleQuoted(keepEscapes));
                    break;
                case '<':
                    AppendRaw(ReadHeredocMark());
                    break;
                case var escape when escape == rules.Escape:
                    _at++;
                    if (keepEscapes)
                        AppendRaw(rules.Escape.ToString());
                    // At the end of the text, there is nothing to escape.
                    if (!AtEnd)
                        AppendRaw(_text[_at++].ToString());
                    break;
                default:
                    cutter?.Add(_text[_at]);
                    result.Append(_text[_at++].ToString());
                    break;
            }
        }
        _depth--;
        return stop is null ? result.ToString() : throw Invalid($"unexpected end of statement while looking for matching {stop}");

        void AppendRaw(string raw)
        {
            result.Append(raw);
            cutter?.AddRaw(raw);
        }
    }

    // White space may separate the mark of a here-document from its delimiter: it is part of the word.
    private string ReadHeredocMark()
    {
        var start = _at++;
        if (Next == '<')
        {
            _at++;
            while (Next is ' ' or '\t' or '\r')
                _at++;
        }
        return Join(_text.AsSpan(start, _at - start));
    }

    private string ReadSingleQuoted()
    {
        var end = Array.FindIndex(_text, _at + 1, static rune => rune.Value == '\'');
        if (end < 0)
            throw Invalid("unexpected end of statement while looking for matching single-quote");
        var quoted = Join(_text.AsSpan(_at + 1, end - _at - 1));
        _at = end + 1;
        return rules.KeepsQuotes ? $"'{quoted}'" : quoted;
    }

    // Only a double quote, a dollar and the escape character itself are escaped in double quotes.
    private string ReadDoubleQuoted(bool keepEscapes)
    {
        var result = new StringBuilder();
        _at++;
        while (Next != '"')
        {
            if (AtEnd)
                throw Invalid("unexpected end of statement while looking for matching double-quote");
            if (Next == '$')
            {
                result.Append(ReadVariable());
                continue;
            }
            var rune = _text[_at++];
            if (rune.Value == rules.Escape)
            {
                if (keepEscapes)
                    result.Append(rules.Escape);
                if (AtEnd)
                    continue;
                if (Next == '"' || Next == '$' || Next == rules.Escape)
                    rune = _text[_at++];
            }
            result.Append(rune.ToString());
        }
        _at++;
        return rules.KeepsQuotes ? $"\"{result}\"" : result.ToString();
    }

    private string ReadVariable()
    {
        _at++;
        if (Next != '{')
        {
            var plain = ReadName();
            return plain.Length == 0 ? "$" : Find(plain) ?? (rules.KeepsUnset ? "$" + plain : string.Empty);
        }
        _at++;
        if (AtEnd)
            throw MissingBrace();
        if (Next is '{' or '}' or ':')
            throw Invalid("syntax error: bad substitution");
        var name = ReadName();
        if (AtEnd)
            throw MissingBrace();
        var modifier = _text[_at++].ToString();
        if (modifier == "}")
            return Find(name) ?? (rules.KeepsUnset ? $"${{{name}}}" : string.Empty);
        if (modifier == "/")
            return Replace(name);
        if (modifier == ":")
        {
            if (AtEnd)
                throw MissingBrace();
            modifier += _text[_at++].ToString();
        }
        return modifier is "-" or "+" or "?" or ":-" or ":+" or ":?" or "#" or "%"
            ? Substitute(name, modifier)
            : throw Invalid($"unsupported modifier ({modifier}) in substitution");
    }

    private string Substitute(string name, string modifier)
    {
        var word = ReadWord('}', keepEscapes: modifier is "#" or "%", "syntax error: missing '}'");
        var value = Find(name);
        if (value is null && rules.KeepsUnset)
            return $"${{{name}{modifier}{word}}}";
        var given = value is not null && (modifier.Length == 1 || value.Length > 0);
        switch (modifier[^1])
        {
            case '-':
                return given ? value! : word;
            case '+':
                return given ? word : string.Empty;
            case '?':
                return given ? value! : throw Invalid($"{name}: {(word.Length > 0 ? word : value is null ? "is not allowed to be unset" : "is not allowed to be empty")}");
            default:
                var longest = word.StartsWith(modifier, StringComparison.Ordinal);
                return Strip(value ?? string.Empty, longest ? word[1..] : word, longest, fromEnd: modifier == "%");
        }
    }

    private string Replace(string name)
    {
        var all = Next == '/';
        if (all)
            _at++;
        var pattern = ReadWord('/', keepEscapes: true, "syntax error: missing '/' in ${}");
        var replacement = ReadWord('}', keepEscapes: true, "syntax error: missing '}'");
        var value = Find(name);
        if (value is null && rules.KeepsUnset)
            return $"${{{name}/{pattern}/{replacement}}}";
        return ReplaceIn([.. (value ?? string.Empty).EnumerateRunes()], ShellPattern.Parse([.. pattern.EnumerateRunes()]), replacement, all);
    }

    private static string ReplaceIn(Rune[] value, ShellPattern pattern, string replacement, bool all)
    {
        var result = new StringBuilder();
        var copied = 0;
        var lastEnd = -1;
        for (var from = 0; from <= value.Length && pattern.FindLongest(value, from) is { } match;)
        {
            // Nothing, right behind what was replaced, is not replaced again.
            if (match.End > match.Start || match.Start != lastEnd)
            {
                result.Append(Join(value.AsSpan(copied, match.Start - copied))).Append(replacement);
                copied = match.End;
                lastEnd = match.End;
                if (result.Length > MaxGrowth)
                    throw TooMuch();
                if (!all)
                    break;
            }
            from = match.End > match.Start ? match.End : match.End + 1;
        }
        return result.Append(Join(value.AsSpan(copied))).ToString();
    }

    // What is cut from the end is cut from the beginning of both turned round: the shortest match at an end is hard to find forwards.
    private static string Strip(string value, string pattern, bool longest, bool fromEnd)
    {
        Rune[] text = [.. value.EnumerateRunes()];
        Rune[] places = [.. pattern.EnumerateRunes()];
        if (fromEnd)
        {
            Array.Reverse(text);
            places = Reverse(places);
        }
        var rest = text.AsSpan(ShellPattern.Parse(places).MatchPrefix(text, longest) ?? 0);
        if (fromEnd)
            rest.Reverse();
        return Join(rest);
    }

    // An escape stays in front of what it escapes.
    private static Rune[] Reverse(Rune[] pattern)
    {
        var result = new Rune[pattern.Length];
        for (int at = 0, length; at < pattern.Length; at += length)
        {
            length = pattern[at].Value == '\\' && at + 1 < pattern.Length ? 2 : 1;
            pattern.AsSpan(at, length).CopyTo(result.AsSpan(pattern.Length - at - length));
        }
        return result;
    }

    private string ReadWord(char stop, bool keepEscapes, string missing)
    {
        try
        {
            return ReadUntil(stop, keepEscapes, cutter: null);
        }
        catch (GantryException) when (AtEnd)
        {
            throw Invalid(missing);
        }
    }

    // A name, a number, or one of the shell's parameters.
    private string ReadName()
    {
        var start = _at;
        if (!AtEnd && Rune.IsDigit(_text[_at]))
        {
            while (!AtEnd && Rune.IsDigit(_text[_at]))
                _at++;
        }
        else if (Next is '@' or '*' or '#' or '?' or '-' or '$' or '!')
        {
            _at++;
        }
        else
        {
            while (!AtEnd && (Rune.IsLetter(_text[_at]) || Rune.IsDigit(_text[_at]) || Next == '_'))
                _at++;
        }
        return Join(_text.AsSpan(start, _at - start));
    }

    private string? Find(string name)
    {
        var value = find(name);
        (value is null ? _unmatched : _matched).Add(name);
        _growth += Math.Min(value?.Length ?? 0, MaxGrowth + 1);
        return _growth <= MaxGrowth ? value : throw TooMuch();
    }

    private static string Join(ReadOnlySpan<Rune> runes)
    {
        var joined = new StringBuilder(runes.Length);
        foreach (var rune in runes)
            joined.Append(rune.ToString());
        return joined.ToString();
    }

    private static GantryException TooMuch() => Invalid($"more than {MaxGrowth} characters come of variables");

    private static GantryException MissingBrace() => Invalid("syntax error: missing '}'");

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}

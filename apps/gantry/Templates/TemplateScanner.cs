using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>Reads the inside of one <c>{{action}}</c>: words, literals, punctuation.</summary>
internal sealed class TemplateScanner(string text, int offset, int line)
{
    private int _at;

    /// <summary>The line the action stands on, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>The column of the next token, from 0.</summary>
    public int Position => offset + _at;

    /// <summary>Where the next token begins in the action's text.</summary>
    public int Mark => _at;

    /// <summary>Goes back to a mark.</summary>
    public void Rewind(int mark) => _at = mark;

    /// <summary>What was read since a mark.</summary>
    public string Since(int mark) => text[mark.._at].Trim();

    /// <summary>Whether only blanks are left.</summary>
    public bool AtEnd
    {
        get
        {
            SkipBlanks();
            return _at >= text.Length;
        }
    }

    /// <summary>The next character that is no blank; NUL at the end.</summary>
    public char Peek()
    {
        SkipBlanks();
        return _at < text.Length ? text[_at] : '\0';
    }

    /// <summary>The next character, blank or not.</summary>
    public char PeekRaw() => _at < text.Length ? text[_at] : '\0';

    /// <summary>Takes a piece of punctuation when it comes next.</summary>
    public bool Take(string punctuation)
    {
        SkipBlanks();
        if (string.CompareOrdinal(text, _at, punctuation, 0, punctuation.Length) != 0)
            return false;
        _at += punctuation.Length;
        return true;
    }

    /// <summary>Takes letters, digits and underscores; empty when none come next.</summary>
    public string Word()
    {
        SkipBlanks();
        return RawWord();
    }

    /// <summary>The same, but nothing is skipped before it.</summary>
    public string RawWord()
    {
        var start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] == '_'))
            _at++;
        return text[start.._at];
    }

    /// <summary>Takes characters up to a blank or punctuation, for numbers.</summary>
    public string NumberText()
    {
        SkipBlanks();
        var start = _at;
        if (_at < text.Length && text[_at] is '+' or '-')
            _at++;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '.' or '_' || (text[_at] is '+' or '-' && text[_at - 1] is 'e' or 'E')))
            _at++;
        return text[start.._at];
    }

    /// <summary>Takes a string or character literal.</summary>
    /// <exception cref="TemplateException">It is not closed.</exception>
    public string Quoted()
    {
        var quote = text[_at++];
        var value = new StringBuilder();
        for (; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (c == quote)
            {
                _at++;
                return value.ToString();
            }
            if (c == '\\' && quote != '`' && _at + 1 < text.Length)
                Escape(value);
            else
                value.Append(c);
        }
        throw new TemplateException($"template: :{Line}: unterminated {(quote == '`' ? "raw quoted string" : quote == '\'' ? "character constant" : "quoted string")}");
    }

    private void Escape(StringBuilder value)
    {
        var c = text[++_at];
        switch (c)
        {
            case 'n':
                value.Append('\n');
                break;
            case 't':
                value.Append('\t');
                break;
            case 'r':
                value.Append('\r');
                break;
            case 'a':
                value.Append('\a');
                break;
            case 'b':
                value.Append('\b');
                break;
            case 'f':
                value.Append('\f');
                break;
            case 'v':
                value.Append('\v');
                break;
            case 'x' or 'u' or 'U':
                var digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
                if (_at + digits >= text.Length || !int.TryParse(text.AsSpan(_at + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
                    throw new TemplateException($"template: :{Line}: invalid syntax");
                value.Append(new Rune(code).ToString());
                _at += digits;
                break;
            default:
                value.Append(c);
                break;
        }
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
    }
}

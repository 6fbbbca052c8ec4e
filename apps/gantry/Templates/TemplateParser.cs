using System.Globalization;

namespace Gantry.Cli.Templates;

/// <summary>Parses Go's text/template: text, actions, trim markers, comments, if/else/with/range, pipelines.</summary>
/// <remarks>Source: pkg.go.dev/text/template. Left out: define, template and block, which make no sense in a --format.</remarks>
internal sealed class TemplateParser
{
    private readonly string _text;
    private int _at;
    private int _line = 1;

    private TemplateParser(string text) => _text = text;

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is malformed.</exception>
    public static IReadOnlyList<TemplateNode> Parse(string text)
    {
        var parser = new TemplateParser(text);
        var nodes = parser.Nodes(out var end, out _);
        return end is null ? nodes : throw parser.Bad($"unexpected {{{{{end}}}}}");
    }

    /// <summary>Reads nodes up to an end, an else, or the end of the text.</summary>
    private List<TemplateNode> Nodes(out string? end, out TemplateScanner? rest)
    {
        var nodes = new List<TemplateNode>();
        while (NextAction(nodes) is { } scanner)
        {
            if (scanner.AtEnd)
                throw Bad("missing value for command");
            var mark = scanner.Mark;
            var word = char.IsLetter(scanner.Peek()) ? scanner.Word() : "";
            switch (word)
            {
                case "end" or "else":
                    (end, rest) = (word, scanner);
                    return nodes;
                case "if" or "with" or "range":
                    nodes.Add(Branch(word, scanner));
                    break;
                case "break" or "continue":
                    nodes.Add(new JumpNode(word == "break"));
                    break;
                case "define" or "template" or "block":
                    throw Bad($"{{{{{word}}}}} is not supported in --format");
                default:
                    scanner.Rewind(mark);
                    var pipeline = Pipeline(scanner);
                    ExpectEnd(scanner, "command");
                    nodes.Add(new ActionNode(pipeline));
                    break;
            }
        }
        (end, rest) = (null, null);
        return nodes;
    }

    /// <summary>Adds the text before the next action and returns the action; null at the end.</summary>
    private TemplateScanner? NextAction(List<TemplateNode> nodes)
    {
        while (true)
        {
            var open = _text.IndexOf("{{", _at, StringComparison.Ordinal);
            var text = open < 0 ? _text[_at..] : _text[_at..open];
            var inner = open + 2;
            var trimLeft = open >= 0 && inner + 1 < _text.Length && _text[inner] == '-' && char.IsWhiteSpace(_text[inner + 1]);
            if (trimLeft)
            {
                text = text.TrimEnd(' ', '\t', '\r', '\n');
                inner++;
            }
            _line += text.Count(static c => c == '\n');
            if (text.Length > 0)
                nodes.Add(new TextNode(text));
            if (open < 0)
                return null;
            var close = FindClose(inner);
            var body = _text[inner..close];
            _at = close + 2;
            if (body.Length > 1 && body[^1] == '-' && char.IsWhiteSpace(body[^2]))
            {
                body = body[..^1];
                while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
                    _at++;
            }
            if (body.TrimStart().StartsWith("/*", StringComparison.Ordinal))
                continue;
            var lineStart = _text.LastIndexOf('\n', Math.Max(0, inner - 1)) + 1;
            return new TemplateScanner(body, inner - lineStart, _line);
        }
    }

    /// <summary>Where an action ends: strings in it may hold braces.</summary>
    private int FindClose(int from)
    {
        for (var i = from; i + 1 < _text.Length; i++)
        {
            var c = _text[i];
            if (c == '}' && _text[i + 1] == '}')
                return i;
            if (c is not ('"' or '`' or '\''))
                continue;
            var quote = c;
            for (i++; i < _text.Length && _text[i] != quote; i++)
            {
                if (_text[i] == '\\' && quote != '`')
                    i++;
            }
        }
        throw Bad("unclosed action");
    }

    private BranchNode Branch(string keyword, TemplateScanner scanner)
    {
        if (scanner.AtEnd)
            throw Bad($"missing value for {keyword}");
        var pipeline = Pipeline(scanner);
        ExpectEnd(scanner, keyword);
        var body = Nodes(out var end, out var rest);
        List<TemplateNode> otherwise = [];
        if (end == "else")
        {
            if (!rest!.AtEnd)
            {
                // {{else if …}} is an if inside the else that shares its end.
                var nested = rest.Word();
                if (nested is not ("if" or "with"))
                    throw Bad($"unexpected <{nested}> in else");
                return new(keyword, pipeline, body, [Branch(nested, rest)]);
            }
            otherwise = Nodes(out end, out _);
        }
        return end == "end" ? new(keyword, pipeline, body, otherwise) : throw Bad("unexpected EOF");
    }

    private void ExpectEnd(TemplateScanner scanner, string where)
    {
        if (!scanner.AtEnd)
            throw Bad($"unexpected {GoCharacter(scanner.Peek())} in {where}");
    }

    private Pipeline Pipeline(TemplateScanner scanner)
    {
        var (variables, assigns) = Declarations(scanner);
        var commands = new List<TemplateCommand>();
        do
        {
            commands.Add(Command(scanner));
        }
        while (scanner.Take("|"));
        return new(variables, assigns, commands);
    }

    private static (List<string> Variables, bool Assigns) Declarations(TemplateScanner scanner)
    {
        if (scanner.Peek() != '$')
            return ([], false);
        var mark = scanner.Mark;
        var names = new List<string>();
        do
        {
            if (!scanner.Take("$"))
                return Nothing(scanner, mark);
            names.Add("$" + scanner.RawWord());
        }
        while (scanner.Take(","));
        var declares = scanner.Take(":=");
        return declares || scanner.Take("=") ? (names, !declares) : Nothing(scanner, mark);
    }

    private static (List<string> Variables, bool Assigns) Nothing(TemplateScanner scanner, int mark)
    {
        scanner.Rewind(mark);
        return ([], false);
    }

    private TemplateCommand Command(TemplateScanner scanner)
    {
        var operands = new List<Operand>();
        _ = scanner.Peek();
        var position = scanner.Position;
        while (scanner.Peek() is not ('\0' or '|' or ')'))
            operands.Add(Operand(scanner));
        return operands.Count > 0 ? new(operands, scanner.Line, position) : throw Bad("missing value for command");
    }

    private Operand Operand(TemplateScanner scanner)
    {
        var mark = scanner.Mark;
        var c = scanner.Peek();
        Operand operand;
        if (c is '"' or '`')
            return new LiteralOperand(scanner.Quoted(), scanner.Since(mark));
        if (c == '\'')
            return new LiteralOperand((long)char.ConvertToUtf32(scanner.Quoted(), 0), scanner.Since(mark));
        if (char.IsAsciiDigit(c) || c is '-' or '+')
            return Number(scanner.NumberText());
        if (scanner.Take("("))
        {
            var inner = Pipeline(scanner);
            if (!scanner.Take(")"))
                throw Bad("unclosed left paren");
            operand = new PipelineOperand(inner, scanner.Since(mark));
        }
        else if (scanner.Take("$"))
        {
            operand = new VariableOperand("$" + scanner.RawWord());
        }
        else if (c == '.')
        {
            operand = new DotOperand();
            var fields = Fields(scanner, first: true);
            return fields.Count == 0 ? operand : new FieldOperand(operand, fields, "." + string.Join('.', fields));
        }
        else if (char.IsLetter(c) || c == '_')
        {
            operand = Name(scanner.Word());
        }
        else
        {
            throw Bad($"unexpected {GoCharacter(c)} in operand");
        }
        var chain = Fields(scanner, first: false);
        return chain.Count == 0 ? operand : new FieldOperand(operand, chain, scanner.Since(mark));
    }

    private List<string> Fields(TemplateScanner scanner, bool first)
    {
        var fields = new List<string>();
        while (scanner.PeekRaw() == '.')
        {
            scanner.Take(".");
            var name = scanner.RawWord();
            if (name.Length == 0)
            {
                if (first && fields.Count == 0)
                    return fields;
                throw Bad("unexpected <.> in operand");
            }
            fields.Add(name);
        }
        return fields;
    }

    private Operand Name(string word) => word switch
    {
        "true" => new LiteralOperand(true, word),
        "false" => new LiteralOperand(false, word),
        "nil" => new NilOperand(),
        _ => TemplateFunctions.Exists(word) ? new FunctionOperand(word) : throw Bad($"function \"{word}\" not defined"),
    };

    private LiteralOperand Number(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
            return new(hex, text);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return new(whole, text);
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? new(real, text) : throw Bad($"bad number syntax: \"{text}\"");
    }

    private static string GoCharacter(char c) => c == '\0' ? "EOF" : $"<{c}>";

    private TemplateException Bad(string problem) => new($"template: :{_line}: {problem}");
}

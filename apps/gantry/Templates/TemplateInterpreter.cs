using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>Runs a parsed template on a value.</summary>
internal sealed class TemplateInterpreter
{
    /// <summary>Deepest nesting of values that are ranged over or branched on: templates are short.</summary>
    private const int DepthLimit = 1000;

    private readonly StringBuilder _output;
    private readonly List<(string Name, object? Value)> _variables = [];
    private int _depth;

    public TemplateInterpreter(object? root, StringBuilder output)
    {
        _output = output;
        _variables.Add(("$", root));
    }

    /// <summary>Whether the values are column titles: functions that change a value leave them alone.</summary>
    public bool ForTitles { get; init; }

    private enum Flow
    {
        On,
        Break,
        Continue,
    }

    /// <summary>Runs nodes with a value for the dot.</summary>
    public void Run(IReadOnlyList<TemplateNode> nodes, object? dot) => RunAll(nodes, dot);

    private Flow RunAll(IReadOnlyList<TemplateNode> nodes, object? dot)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case TextNode text:
                    _output.Append(text.Text);
                    break;
                case ActionNode action:
                    var value = Evaluate(action.Pipeline, dot);
                    if (action.Pipeline.Variables.Count == 0)
                        _output.Append(GoFormat.Print(value));
                    break;
                case JumpNode jump:
                    return jump.Break ? Flow.Break : Flow.Continue;
                case BranchNode branch:
                    var flow = RunBranch(branch, dot);
                    if (flow != Flow.On)
                        return flow;
                    break;
            }
        }
        return Flow.On;
    }

    private Flow RunBranch(BranchNode branch, object? dot)
    {
        if (++_depth > DepthLimit)
            throw new TemplateException("template: : exceeded maximum template depth");
        var mark = _variables.Count;
        try
        {
            if (branch.Keyword == "range")
                return RunRange(branch, dot);
            var value = Evaluate(branch.Pipeline, dot);
            var inner = branch.Keyword == "with" ? value : dot;
            return GoValue.IsTrue(value) ? RunAll(branch.Body, inner) : RunAll(branch.Else, dot);
        }
        finally
        {
            _variables.RemoveRange(mark, _variables.Count - mark);
            _depth--;
        }
    }

    private Flow RunRange(BranchNode branch, object? dot)
    {
        var names = branch.Pipeline.Variables;
        var over = Evaluate(branch.Pipeline with { Variables = [] }, dot);
        var any = false;
        foreach (var (key, value) in GoValue.Range(over))
        {
            any = true;
            var mark = _variables.Count;
            if (names.Count == 1)
                _variables.Add((names[0], value));
            else if (names.Count == 2)
                _variables.AddRange([(names[0], key), (names[1], value)]);
            var flow = RunAll(branch.Body, value);
            _variables.RemoveRange(mark, _variables.Count - mark);
            if (flow == Flow.Break)
                break;
        }
        return any ? Flow.On : RunAll(branch.Else, dot);
    }

    private object? Evaluate(Pipeline pipeline, object? dot)
    {
        object? value = null;
        for (var i = 0; i < pipeline.Commands.Count; i++)
            value = Evaluate(pipeline.Commands[i], dot, i > 0 ? [value] : []);
        foreach (var name in pipeline.Variables)
            Declare(name, value, pipeline.Assigns);
        return value;
    }

    private object? Evaluate(TemplateCommand command, object? dot, object?[] last)
    {
        try
        {
            var first = command.Operands[0];
            if (first is FunctionOperand { Name: "and" or "or" } lazy)
                return AndOr(lazy.Name == "and", command, dot, last);
            if (first is FunctionOperand function)
                return Call(function.Name, Arguments(command, dot, last));
            var given = Arguments(command, dot, last);
            if (given.Length > 0 && first is not FieldOperand)
                throw new TemplateException($"can't give argument to non-function {first.Source}");
            return Value(first, dot, given);
        }
        catch (TemplateException e) when (!e.Message.StartsWith("template:", StringComparison.Ordinal))
        {
            throw new TemplateException($"template: :{command.Line}:{command.Position + Offset(command, e)}: executing \"\" at <{Source(command, e)}>: {e.Message}");
        }
    }

    private object?[] Arguments(TemplateCommand command, object? dot, object?[] last)
    {
        if (command.Operands.Count == 1)
            return last;
        var arguments = new object?[command.Operands.Count - 1 + last.Length];
        for (var i = 1; i < command.Operands.Count; i++)
            arguments[i - 1] = Value(command.Operands[i], dot, []);
        last.CopyTo(arguments, command.Operands.Count - 1);
        return arguments;
    }

    /// <summary>Go names the column of a field chain's last part that was reached.</summary>
    private static int Offset(TemplateCommand command, TemplateException e) =>
        e.Message.StartsWith("map has no entry", StringComparison.Ordinal) && command.Operands[0] is FieldOperand { Of: DotOperand } field
            ? field.Source.LastIndexOf('.') : 0;

    private static string Source(TemplateCommand command, TemplateException e) =>
        command.Operands[0] is FunctionOperand function && e.Message.StartsWith("error calling", StringComparison.Ordinal)
            ? string.Join(' ', command.Operands.Select(static o => o.Source)) is { Length: <= 20 } all ? all : function.Name
            : command.Operands[0] is FunctionOperand && command.Operands.Count > 1 && command.Operands[1] is FieldOperand argument ? argument.Source : command.Operands[0].Source;

    private object? AndOr(bool and, TemplateCommand command, object? dot, object?[] last)
    {
        object? value = null;
        var any = false;
        foreach (var operand in command.Operands.Skip(1))
        {
            any = true;
            value = Value(operand, dot, []);
            if (GoValue.IsTrue(value) != and)
                return value;
        }
        if (last.Length > 0)
            return last[0];
        return any ? value : throw new TemplateException($"wrong number of args for {(and ? "and" : "or")}: want at least 1 got 0");
    }

    private object? Value(Operand operand, object? dot, object?[] arguments) => operand switch
    {
        DotOperand => dot,
        NilOperand => throw new TemplateException("nil is not a command"),
        LiteralOperand literal => literal.Value,
        VariableOperand variable => Variable(variable.Name),
        PipelineOperand inner => Evaluate(inner.Pipeline, dot),
        FunctionOperand function => Call(function.Name, arguments),
        FieldOperand field => Field(field, dot, arguments),
        _ => throw new TemplateException($"can't evaluate {operand.Source}"),
    };

    private object? Field(FieldOperand operand, object? dot, object?[] arguments)
    {
        var value = Value(operand.Of, dot, []);
        for (var i = 0; i < operand.Fields.Count; i++)
            value = GoValue.Field(value, operand.Fields[i], i == operand.Fields.Count - 1 ? arguments : []);
        return value;
    }

    private object? Call(string name, object?[] arguments)
    {
        if (ForTitles && arguments.Length > 0 && name is "json" or "split" or "join" or "title" or "lower" or "upper" or "truncate")
            return arguments[0];
        try
        {
            return TemplateFunctions.Call(name, arguments);
        }
        catch (TemplateException e) when (!e.Message.StartsWith("wrong number", StringComparison.Ordinal))
        {
            throw new TemplateException($"error calling {name}: {e.Message}");
        }
    }

    private object? Variable(string name)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name)
                return _variables[i].Value;
        }
        throw new TemplateException($"undefined variable \"{name}\"");
    }

    private void Declare(string name, object? value, bool assigns)
    {
        if (!assigns)
        {
            _variables.Add((name, value));
            return;
        }
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name)
            {
                _variables[i] = (name, value);
                return;
            }
        }
        throw new TemplateException($"undefined variable \"{name}\"");
    }
}

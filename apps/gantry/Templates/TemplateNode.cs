namespace Gantry.Cli.Templates;

/// <summary>A part of a parsed template.</summary>
internal abstract record TemplateNode;

/// <summary>Text that is written as it is.</summary>
internal sealed record TextNode(string Text) : TemplateNode;

/// <summary><c>{{pipeline}}</c>: its value is written, unless it declares a variable.</summary>
internal sealed record ActionNode(Pipeline Pipeline) : TemplateNode;

/// <summary><c>{{if}}</c>, <c>{{with}}</c> and <c>{{range}}</c>.</summary>
internal sealed record BranchNode(string Keyword, Pipeline Pipeline, IReadOnlyList<TemplateNode> Body, IReadOnlyList<TemplateNode> Else) : TemplateNode;

/// <summary><c>{{break}}</c> and <c>{{continue}}</c>.</summary>
internal sealed record JumpNode(bool Break) : TemplateNode;

/// <summary>Commands whose value each becomes the last argument of the next; may declare variables.</summary>
/// <param name="Variables">Names declared or assigned, with their $.</param>
/// <param name="Assigns">Whether they exist already (<c>=</c>, not <c>:=</c>).</param>
internal sealed record Pipeline(IReadOnlyList<string> Variables, bool Assigns, IReadOnlyList<TemplateCommand> Commands);

/// <summary>An operand with arguments.</summary>
/// <param name="Operands">The function or value, then the arguments.</param>
/// <param name="Position">Where it stands, for messages: column from 0.</param>
internal sealed record TemplateCommand(IReadOnlyList<Operand> Operands, int Line, int Position);

/// <summary>Something that has a value.</summary>
/// <param name="Source">As it is written, for messages.</param>
internal abstract record Operand(string Source);

/// <summary><c>.</c></summary>
internal sealed record DotOperand() : Operand(".");

/// <summary><c>nil</c></summary>
internal sealed record NilOperand() : Operand("nil");

/// <summary>A string, a number, true or false.</summary>
internal sealed record LiteralOperand(object Value, string Source) : Operand(Source);

/// <summary><c>.A.B</c>, <c>$x.A</c> or <c>(pipeline).A</c>: fields of a value.</summary>
internal sealed record FieldOperand(Operand Of, IReadOnlyList<string> Fields, string Source) : Operand(Source);

/// <summary><c>$x</c></summary>
internal sealed record VariableOperand(string Name) : Operand(Name);

/// <summary>A function's name.</summary>
internal sealed record FunctionOperand(string Name) : Operand(Name);

/// <summary><c>(pipeline)</c></summary>
internal sealed record PipelineOperand(Pipeline Pipeline, string Source) : Operand(Source);

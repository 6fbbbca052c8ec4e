using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads Dockerfiles.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/parser and frontend/dockerfile/instructions, whose words the failures have.</remarks>
public static class DockerfileParser
{
    /// <summary>Reads a file.</summary>
    /// <param name="text">The file: UTF-8, with or without a byte order mark.</param>
    /// <param name="check">What to lint, in place of the file's own <c># check=</c>: the build argument BUILDKIT_DOCKERFILE_CHECK; null: not given.</param>
    /// <exception cref="GantryException">Invalid: the file cannot be read; the cause is a <see cref="DockerfileException"/> where one place is to blame.</exception>
    public static Dockerfile Parse(ReadOnlyMemory<byte> text, string? check = null)
    {
        if (text.IsEmpty)
            throw GantryException.Of(ErrorKind.Invalid, "the Dockerfile cannot be empty");
        var syntax = Directives.Find("syntax", text.Span, anyFormat: true);
        var ownCheck = Directives.Find("check", text.Span, anyFormat: false);
        var report = new LintReport(ReadOptions(check ?? ownCheck?.Value));
        var source = new SourceText(text.Span);
        var reader = new StatementReader(source);
        var statements = reader.ReadAll();
        foreach (var line in reader.EmptyContinuations)
            report.Add(LintRules.NoEmptyContinuation, LintMessages.NoEmptyContinuation, new SourceLines(line, line));
        var (globals, stages) = ReadStages(statements, report);
        SyntaxLint.CheckStageNames(stages, report);
        SyntaxLint.CheckKeywords(stages, report);
        return new()
        {
            Directives = new() { Syntax = syntax?.Value, SyntaxLines = syntax?.Lines ?? default, Escape = reader.Escape, Check = ownCheck?.Value },
            GlobalArguments = globals,
            Stages = stages,
            SourceText = source.Lines,
            Lint = ReadOptions(check ?? ownCheck?.Value),
            Warnings = report.Warnings,
        };
    }

    /// <summary>Reads the one instruction of an ONBUILD trigger.</summary>
    /// <param name="text">The instruction, with its here-documents.</param>
    /// <exception cref="GantryException">Invalid: it cannot be read, or there are more.</exception>
    public static Instruction ParseInstruction(string text)
    {
        var statements = new StatementReader(new(Encoding.UTF8.GetBytes(text))).ReadAll();
        if (statements is not [var statement])
            throw SyntaxFailure.Of("onbuild trigger should be a single expression");
        try
        {
            return statement.Name == "from" ? throw SyntaxFailure.Of("FROM isn't allowed as an ONBUILD trigger") : InstructionReader.Read(statement);
        }
        catch (GantryException failure)
        {
            throw SyntaxFailure.Of(failure.Message, statement.Lines);
        }
    }

    private static LintOptions ReadOptions(string? check)
    {
        try
        {
            return LintOptions.Parse(check);
        }
        catch (GantryException failure)
        {
            throw GantryException.During("failed to parse check options", failure);
        }
    }

    private static (IReadOnlyList<ArgInstruction> Globals, IReadOnlyList<Stage> Stages) ReadStages(IReadOnlyList<Statement> statements, LintReport report)
    {
        var globals = new List<ArgInstruction>();
        var stages = new List<(Stage From, List<Instruction> Instructions)>();
        foreach (var statement in statements)
        {
            if (statement.Name == "from")
            {
                stages.Add((Located(statement, report, () => ReadStage(statement, report)), []));
                continue;
            }
            var instruction = Located(statement, report, () => ReadInstruction(statement, report));
            if (stages is [.., var stage])
                stage.Instructions.Add(instruction);
            else if (instruction is ArgInstruction global)
                globals.Add(global);
            else
                throw Failure("no build stage in current context", statement, report);
        }
        return stages.Count > 0
            ? (globals, [.. stages.Select(static stage => stage.From with { Instructions = stage.Instructions })])
            : throw GantryException.Of(ErrorKind.Invalid, "dockerfile contains no stages to build");
    }

    private static Stage ReadStage(Statement statement, LintReport report)
    {
        SyntaxLint.CheckFrom(statement, report);
        var stage = InstructionReader.ReadStage(statement);
        if (stage.Name is { } name)
            SyntaxLint.CheckDescription("FROM", [name], statement, report);
        return stage;
    }

    private static Instruction ReadInstruction(Statement statement, LintReport report)
    {
        if (statement.Name == "maintainer")
            report.Add(LintRules.MaintainerDeprecated, LintMessages.MaintainerDeprecated, statement.Lines, statement.Comments);
        var instruction = InstructionReader.Read(statement);
        if (instruction is ArgInstruction arg)
            SyntaxLint.CheckDescription("ARG", [.. arg.Arguments.Select(static argument => argument.Name)], statement, report);
        return instruction;
    }

    private static T Located<T>(Statement statement, LintReport report, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (GantryException failure)
        {
            throw Failure($"dockerfile parse error on line {statement.Lines.First}: {failure.Message}", statement, report);
        }
    }

    private static GantryException Failure(string message, Statement statement, LintReport report) =>
        GantryException.Of(ErrorKind.Invalid, message, cause: new DockerfileException(statement.Lines) { Warnings = report.Warnings });
}

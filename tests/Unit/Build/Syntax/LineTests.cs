using Gantry.Build;
using Xunit;

namespace Gantry.Tests.Unit.Build.Syntax;

/// <summary>How lines become instructions.</summary>
public sealed class LineTests
{
    private static string Run(string text) => Assert.Single(Files.One<RunInstruction>(text).Command.Arguments);

    [Theory]
    [InlineData("RUN a \\\n b", "a  b")]
    [InlineData("RUN a\\  \t\nb", "ab")]
    [InlineData("RUN a \\\r\n  b\r\n", "a   b")]
    [InlineData("RUN a \\\n# comment\n  # another\nb", "a b")]
    [InlineData("RUN a \\\n\n  \nb", "a b")]
    [InlineData("RUN a \\\\", @"a \\")]
    [InlineData("RUN a \\\n\\\nb", "a b")]
    [InlineData("  \t RUN a", "a")]
    [InlineData("RUN a # b", "a # b")]
    [InlineData("RUN \\\n a \\", "a")]
    [InlineData("RUN\ta", "a")]
    public void Continuations(string text, string command) => Assert.Equal(command, Run(text));

    [Fact]
    public void PlacesAndSources()
    {
        var file = Files.Parse("\n# top\n\nFROM a\n\nrun x \\\n  y\nRUN <<E\nz\nE\n");
        var stage = Assert.Single(file.Stages);
        Assert.Equal(new SourceLines(4, 4), stage.Lines);
        Assert.Equal([new(6, 7), new(8, 10)], stage.Instructions.Select(static instruction => instruction.Lines));
        Assert.Equal(["run x   y", "RUN <<E"], stage.Instructions.Select(static instruction => instruction.Source));
        Assert.Equal(["run", "RUN"], stage.Instructions.Select(static instruction => instruction.Keyword));
        Assert.Equal(["", "# top", "", "FROM a", "", "run x \\", "  y", "RUN <<E", "z", "E"], file.SourceText);
    }

    [Theory]
    [InlineData("# escape=`\nFROM a\nRUN b `\nc", "b c")]
    [InlineData("#escape = ` \nFROM a\nRUN b `\nc", "b c")]
    [InlineData("#Syntax=x\n# ESCAPE=`\nFROM a\nRUN b `\nc", "b c")]
    [InlineData("\uFEFF# escape=`\nFROM a\nRUN b `\nc", "b c")]
    [InlineData("# escape=`\nFROM a\nRUN b \\\nRUN c", "b \\")]
    [InlineData("\n# escape=`\nFROM a\nRUN b `\nRUN c", "b `")]
    [InlineData("# text\n# escape=`\nFROM a\nRUN b `\nRUN c", "b `")]
    [InlineData("# other=x\n# escape=`\nFROM a\nRUN b `\nRUN c", "b `")]
    [InlineData("#!/usr/bin/env x\n# escape=`\nFROM a\nRUN b `\nRUN c", "b `")]
    public void TheEscapeIsADirective(string text, string command) =>
        Assert.Equal(command, Assert.Single(Assert.IsType<RunInstruction>(Files.Parse(text).Stages[0].Instructions[0]).Command.Arguments));

    [Fact]
    public void TheEscapeCountsInFlagsToo()
    {
        var copy = Assert.IsType<CopyInstruction>(Files.Parse("# escape=`\nFROM a\nCOPY --from=x\\y --chown=a` b c d").Stages[0].Instructions[0]);
        Assert.Equal(("x\\y", "a b"), (copy.From, copy.Owner));
    }

    [Theory]
    [InlineData("# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1", 1)]
    [InlineData("#  SYNTAX = x/y  z \nFROM a", "x/y  z", 1)]
    [InlineData("# escape=`\n# syntax=x\nFROM a", "x", 2)]
    [InlineData("\uFEFF#syntax=x\nFROM a", "x", 1)]
    [InlineData("#!/bin/x\n# syntax=y\nFROM a", "y", 2)]
    [InlineData("\n# syntax=y\nFROM a", null, 0)]
    [InlineData("FROM a\n# syntax=y", null, 0)]
    public void TheSyntaxIsADirective(string text, string? syntax, int line)
    {
        var directives = Files.Parse(text).Directives;
        Assert.Equal((syntax, line), (directives.Syntax, directives.SyntaxLines.First));
    }

    [Theory]
    [InlineData("// syntax=x/y\nsomething else", "x/y")]
    [InlineData("#!/bin/z\n// syntax = x/y a", "x/y a")]
    [InlineData("{\"syntax\": \"x/y\", \"a\": [1]}", "x/y")]
    [InlineData("{\"syntax\": 1}", null)]
    [InlineData("{\"syntax\": \"x\"", null)]
    [InlineData("# a\n// syntax=x", null)]
    public void OtherFormatsNameTheirSyntaxToo(string text, string? syntax) =>
        Assert.Equal(syntax, Directives.Find("syntax", System.Text.Encoding.UTF8.GetBytes(text), anyFormat: true)?.Value);

    [Theory]
    [InlineData("", "the Dockerfile cannot be empty", null)]
    [InlineData("\n# only\n\n", "file with no instructions", 3)]
    [InlineData("# escape=`\n# escape=`\nFROM a", "only one escape parser directive can be used", 2)]
    [InlineData("# syntax=a\n# Syntax=a\nFROM a", "only one syntax parser directive can be used", 2)]
    [InlineData("# escape=x\nFROM a", "invalid escape token 'x' does not match ` or \\", 1)]
    [InlineData("FROM a\n\nENV x", "ENV must have two arguments", 3)]
    [InlineData("FROM a\nLABEL x", "LABEL must have two arguments", 2)]
    [InlineData("FROM a\nENV x=1 y", "Syntax error - can't find = in \"y\". Must be of the form: name=value", 2)]
    [InlineData("FROM a\nCMD [\"a\", 1]", "when using JSON array syntax, arrays must be comprised of strings only", 2)]
    [InlineData("FROM a\nRUN \\\n [[\"a\"]]", "when using JSON array syntax, arrays must be comprised of strings only", 2)]
    [InlineData("FROM a\nRUN <<E\nx", "unterminated heredoc", 2)]
    [InlineData("RUN x", "no build stage in current context", 1)]
    [InlineData("ARG x\nENV y=z", "no build stage in current context", 2)]
    [InlineData("ARG x", "dockerfile contains no stages to build", null)]
    [InlineData("# check=skp=x\nFROM a", "failed to parse check options: invalid check option \"skp\"", null)]
    [InlineData("FROM a\nFORM b", "dockerfile parse error on line 2: unknown instruction: FORM (did you mean FROM?)", 2)]
    public void Refusals(string text, string message, int? line)
    {
        var refusal = Files.Refusal(text);
        Assert.Equal((message, line), (refusal.Message, refusal.Lines?.First));
    }

    [Fact]
    public void LinesHaveALimit()
    {
        var fits = "RUN " + new string('x', 65531);
        Assert.Equal(65531, Run(fits).Length);
        Assert.Equal(65531, Run(fits + "\n").Length);
        var refusal = Files.Refusal($"FROM a\n{fits}y\nRUN z");
        Assert.Equal(("dockerfile line greater than max allowed size of 65535", 2), (refusal.Message, refusal.Lines?.First));
        // Characters count as many bytes as they have.
        Assert.Equal(refusal.Message, Files.Refusal("FROM a\nRUN é" + new string('x', 65530)).Message);
    }

    [Fact]
    public void CommentsBelongToTheInstructionBelow()
    {
        var instructions = Files.Parse("FROM a\n# one\n\n# two\nRUN x\nRUN y\n# three\n#\n# four\nRUN z").Stages[0].Instructions;
        Assert.Equal(["one", "two"], instructions[0].Comments);
        Assert.Empty(instructions[1].Comments);
        Assert.Equal(["four"], instructions[2].Comments);
    }

    [Fact]
    public void DirectivesAreNoComments() => Assert.Equal(["text"], Files.Parse("# syntax=x\n# check=skip=all\n# text\nFROM a").Stages[0].Comments);
}

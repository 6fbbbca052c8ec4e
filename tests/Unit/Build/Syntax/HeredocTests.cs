using Gantry.Build;
using Xunit;

namespace Gantry.Tests.Unit.Build.Syntax;

public sealed class HeredocTests
{
    [Theory]
    [InlineData("RUN <<EOF\na\n b\nEOF", "EOF", "a\n b\n", true, false, 0)]
    [InlineData("RUN cat 3<<EOF | x\na\nEOF", "EOF", "a\n", true, false, 3)]
    [InlineData("RUN <<-E\n\t\ta\n\t b\n \tc\n\tE", "E", "a\n b\n \tc\n", true, true, 0)]
    [InlineData("RUN <<'E'\n$a\nE", "E", "$a\n", false, false, 0)]
    [InlineData("RUN <<\"E\"\n$a\nE", "E", "$a\n", false, false, 0)]
    [InlineData("RUN <<E'O'F\n$a\nEOF", "EOF", "$a\n", false, false, 0)]
    [InlineData("RUN <<E\r\na\r\nE\r\n", "E", "a\r\n", true, false, 0)]
    [InlineData("RUN <<E\nE", "E", "", true, false, 0)]
    [InlineData("RUN <<$E\nx\n$E", "$E", "x\n", true, false, 0)]
    [InlineData("RUN <<E\n# no comment\n\nno continuation \\\nE", "E", "# no comment\n\nno continuation \\\n", true, false, 0)]
    [InlineData("RUN <<  E\nx\nE", "E", "x\n", true, false, 0)]
    [InlineData("RUN a << 'E'  > b\n\tx\nE", "E", "\tx\n", false, false, 0)]
    [InlineData("RUN << -E\n\tx\n-E", "-E", "\tx\n", true, false, 0)]
    [InlineData("RUN <<'two words'\nx\ntwo words", "two words", "x\n", false, false, 0)]
    [InlineData("RUN <<E\\'F\nx\nE'F", "E'F", "x\n", true, false, 0)]
    [InlineData("RUN a \\\n<<E \\\n&& b\nx\nE", "E", "x\n", true, false, 0)]
    public void OneDocument(string text, string name, string content, bool expands, bool chomps, int descriptor)
    {
        var heredoc = Assert.Single(Files.One<RunInstruction>(text).Heredocs);
        Assert.Equal((name, content, expands, chomps, descriptor), (heredoc.Name, heredoc.Content, heredoc.Expands, heredoc.Chomps, heredoc.FileDescriptor));
    }

    [Theory]
    [InlineData("RUN echo '<<E'")]
    [InlineData("RUN echo \"<<E\"")]
    [InlineData("RUN echo \\<<E")]
    [InlineData("RUN a <<<E")]
    [InlineData("RUN a x<<E")]
    [InlineData("RUN a <<\v")]
    [InlineData("RUN a <b <c")]
    [InlineData("RUN a <<- E")]
    [InlineData("RUN a <<")]
    [InlineData("RUN a <<-")]
    [InlineData("RUN [\"a\", \"<<E\"]")]
    [InlineData("RUN echo 'unclosed <<E")]
    public void NoDocument(string text) => Assert.Empty(Files.One<RunInstruction>(text).Heredocs);

    [Fact]
    public void OtherInstructionsHaveNone()
    {
        Assert.Equal(["<<E"], Files.One<CmdInstruction>("CMD <<E").Command.Arguments);
        Assert.Equal("<<E", Assert.Single(Files.One<EnvInstruction>("ENV A=<<E").Variables).Value);
    }

    [Fact]
    public void SeveralFollowInOrder()
    {
        var run = Files.One<RunInstruction>("RUN diff /dev/fd/3 /dev/fd/4 3<<A 4<<-B\none\nA\n\ttwo\n\tB");
        Assert.Equal([("A", "one\n", "one\n"), ("B", "two\n", "\ttwo\n")], run.Heredocs.Select(static heredoc => (heredoc.Name, heredoc.Content, heredoc.Original)));
        Assert.Equal(["diff /dev/fd/3 /dev/fd/4 3<<A 4<<-B"], run.Command.Arguments);
        Assert.Equal(new SourceLines(2, 6), run.Lines);
    }

    [Fact]
    public void DocumentsAreSources()
    {
        var copy = Files.One<CopyInstruction>("COPY --chmod=755 <<one.sh a <<-\"two\" /dst/\n$x\none.sh\n\ty\ntwo");
        Assert.Equal(["a"], copy.Sources);
        Assert.Equal([("one.sh", "$x\n", true), ("two", "y\n", false)], copy.Heredocs.Select(static heredoc => (heredoc.Name, heredoc.Content, heredoc.Expands)));
        Assert.Equal("E", Assert.Single(Files.One<CopyInstruction>("ADD <<E /x\nE").Heredocs).Name);
    }

    [Fact]
    public void WhatFollowsIsReadAsUsual() =>
        Assert.Equal(["RUN <<E", "USER x"], Files.Parse("FROM a\nRUN <<E\nUSER y\nE\nUSER x").Stages[0].Instructions.Select(static instruction => instruction.Source));
}

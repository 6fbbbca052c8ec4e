using System.Text;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Unit.Build.Compile;
using Xunit;

namespace Gantry.Tests.Unit.Build.Outline;

public sealed class SubrequestAnswersTests
{
    private const string Text = "FROM base AS one\nENV a b\nFROM base AS two\nRUN --mount=type=secret,id=key x\n";

    private readonly SubrequestAnswers _answers = new(new FakeBaseImages());

    private Task<SubrequestReply> AskAsync(string request, string text = Text, string? target = null, string? check = null) =>
        _answers.AnswerAsync(request, Source(text), check, file => Spec(file, target), TestContext.Current.CancellationToken);

    private Task<CheckResult> LintAsync(string text, string? target = null) => _answers.LintAsync(Source(text), null, file => Spec(file, target), TestContext.Current.CancellationToken);

    private static FileSource Source(string text) => new() { Filename = "Dockerfile", Data = Encoding.UTF8.GetBytes(text) };

    private static CompileSpec Spec(Dockerfile file, string? target) => new() { Dockerfile = file, Build = new() { Target = target }, Session = "session", HostPlatform = "linux/amd64" };

    [Fact]
    public async Task EachQuestionHasItsAnswer()
    {
        Assert.StartsWith("NAME ", (await AskAsync(Subrequests.Description)).Text, StringComparison.Ordinal);
        Assert.StartsWith("TARGET ", (await AskAsync(Subrequests.Targets)).Text, StringComparison.Ordinal);
        Assert.Equal("TARGET: two\n\nSECRET   REQUIRED\nkey      \n\n", (await AskAsync(Subrequests.Outline)).Text);
        Assert.Equal("TARGET: one\n\n", (await AskAsync(Subrequests.Outline, target: "one")).Text);
        var lint = await AskAsync(Subrequests.Lint);
        Assert.Equal(1, lint.StatusCode);
        Assert.Contains("WARNING: LegacyKeyValueFormat", lint.Text, StringComparison.Ordinal);
        Assert.Equal(0, (await AskAsync(Subrequests.Lint, check: "skip=all")).StatusCode);
    }

    [Fact]
    public async Task AnUnknownQuestionIsRefused()
    {
        var failure = await Assert.ThrowsAsync<GantryException>(() => AskAsync("frontend.future"));
        Assert.Equal((ErrorKind.NotSupported, "unsupported request frontend.future"), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task OnlyLintingBearsWhatCannotBeRead()
    {
        Assert.Equal("file with no instructions", (await Assert.ThrowsAsync<GantryException>(() => AskAsync(Subrequests.Targets, "# nothing"))).Message);
        Assert.Equal("file with no instructions", (await LintAsync("# nothing")).Failure?.Message);
    }

    [Fact]
    public async Task LintingLooksAtAllStagesUnlessOneIsNamed()
    {
        Assert.Equal(["LegacyKeyValueFormat"], (await LintAsync(Text)).Warnings.Select(static warning => warning.Rule));
        Assert.Empty((await LintAsync(Text, "two")).Warnings);
    }

    [Theory]
    [InlineData("FROM base as one\nMAINTAINER me\nFORM x", "dockerfile parse error on line 3: unknown instruction: FORM (did you mean FROM?)", "FromAsCasing|MaintainerDeprecated")]
    [InlineData("FROM base as one\nENV a b\nSTOPSIGNAL none", "invalid signal: none", "FromAsCasing|LegacyKeyValueFormat")]
    [InlineData("FROM base as one\nFROM $nothing", "base name ($nothing) should not be blank", "FromAsCasing|InvalidDefaultArgInFrom|UndefinedArgInFrom")]
    [InlineData("# check=error=true\nFROM base as one", "lint violation found for rules: FromAsCasing", "FromAsCasing")]
    public async Task WhatWasFoundBeforeAFailureIsTold(string text, string message, string rules)
    {
        var result = await LintAsync(text);
        Assert.Equal((message, rules), (result.Failure?.Message, string.Join('|', result.Warnings.Select(static warning => warning.Rule).Order(StringComparer.Ordinal))));
        Assert.NotNull(result.Failure?.Location.Ranges);
    }
}

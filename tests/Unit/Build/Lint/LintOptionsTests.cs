using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build.Lint;

public sealed class LintOptionsTests
{
    [Theory]
    [InlineData(null, false, "", false, "", false)]
    [InlineData(" ", false, "", false, "", false)]
    [InlineData("skip=all", true, "", false, "", false)]
    [InlineData("skip=A, B ,C", false, "A|B|C", false, "", false)]
    [InlineData(" error = true ; skip = A", false, "A", false, "", true)]
    [InlineData("error=0", false, "", false, "", false)]
    [InlineData("experimental=all;skip=all;error=T", true, "", true, "", true)]
    [InlineData("experimental=A,B", false, "", false, "A|B", false)]
    public void Options(string? text, bool skipsAll, string skipped, bool allExperimental, string experimental, bool fails)
    {
        var options = LintOptions.Parse(text);
        Assert.Equal(
            (skipsAll, skipped, allExperimental, experimental, fails),
            (options.SkipsAll, string.Join('|', options.Skipped), options.ChecksAllExperimental, string.Join('|', options.Experimental), options.FailsBuild));
    }

    [Theory]
    [InlineData("skip", "invalid check option \"skip\"")]
    [InlineData("skp=A", "invalid check option \"skp\"")]
    [InlineData("skip=A;;", "invalid check option \"\"")]
    [InlineData("error=yes", "failed to parse check option \"error=yes\": strconv.ParseBool: parsing \"yes\": invalid syntax")]
    public void Refusals(string text, string message)
    {
        var failure = Assert.Throws<GantryException>(() => LintOptions.Parse(text));
        Assert.Equal((ErrorKind.Invalid, message), (failure.Kind, failure.Message));
    }

    [Fact]
    public void ExperimentalRulesAreAskedFor()
    {
        var rule = LintRules.InvalidDefinitionDescription;
        Assert.False(new LintOptions().Checks(rule));
        Assert.True(LintOptions.Parse("experimental=InvalidDefinitionDescription").Checks(rule));
        // To skip all is to skip those that nobody asked for.
        Assert.True(LintOptions.Parse("skip=all;experimental=all").Checks(rule));
        Assert.False(LintOptions.Parse("skip=all;experimental=all").Checks(LintRules.UndefinedVar));
    }

    [Theory]
    [InlineData("check=skip=UndefinedVar", false)]
    [InlineData("check = skip=UndefinedVar", false)]
    [InlineData("check=skip=all // everything", false)]
    [InlineData("check=skip=UndefinedVar,Other because it is", false)]
    [InlineData("check=skip=Other", true)]
    [InlineData("check=nothing", true)]
    [InlineData("see check=skip=UndefinedVar", true)]
    public void CommentsAboveAnInstructionCount(string comment, bool isChecked)
    {
        Assert.Equal(isChecked, new LintOptions().With(["text", comment]).Checks(LintRules.UndefinedVar));
        Assert.Equal(isChecked, new LintOptions().With([comment, "text"]).Checks(LintRules.UndefinedVar));
    }

    [Fact]
    public void AFindingFailsTheBuildWhereItIsAsked()
    {
        var report = new LintReport(LintOptions.Parse("error=true;skip=UndefinedVar"));
        report.EnsureAccepted();
        report.Add(LintRules.UndefinedVar, "skipped", new SourceLines(1, 1));
        report.EnsureAccepted();
        report.Add(LintRules.FromAsCasing, "one", new SourceLines(2, 3));
        report.Add(LintRules.StageNameCasing, "two", lines: null);
        report.Add(LintRules.FromAsCasing, "three", new SourceLines(4, 4));
        var failure = Assert.Throws<GantryException>(report.EnsureAccepted);
        Assert.Equal("lint violation found for rules: FromAsCasing, StageNameCasing", failure.Message);
        var cause = Assert.IsType<DockerfileException>(failure.InnerException);
        Assert.Equal((new SourceLines(2, 3), 3), (cause.Lines, cause.Warnings.Count));
    }

    [Fact]
    public void EachRuleIsKnown()
    {
        Assert.Equal(22, LintRules.All.Count);
        Assert.Equal(22, LintRules.All.Select(static rule => rule.Name).Distinct().Count());
        Assert.All(LintRules.All, static rule => Assert.True(rule.Url.Length > 0 || rule == LintRules.InvalidBaseImagePlatform));
        Assert.Equal("https://docs.docker.com/go/dockerfile/rule/json-args-recommended/", LintRules.JsonArgsRecommended.Url);
    }

    [Fact]
    public void TheBuildsOptionsTakeThePlaceOfTheFiles() =>
        Assert.True(DockerfileParser.Parse("# check=skip=all\nFROM x"u8.ToArray(), "error=true").Lint is { SkipsAll: false, FailsBuild: true });
}

using System.Text;
using System.Text.Json;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Unit.Build.Compile;
using Gantry.Tests.Unit.Build.Syntax;
using Xunit;

namespace Gantry.Tests.Unit.Cli.Builds;

/// <summary><c>gantry build --check</c> and <c>--call</c>: what docker prints, and its exit codes.</summary>
/// <remarks>Pinned by what buildx 0.29 printed with dockerd 28.5.</remarks>
public sealed class BuildQuestionTests : IDisposable
{
    private const string Text = "FROM scratch as base\nENV A b\nMAINTAINER me\n";

    private const string Findings =
        """
        Check complete, 3 warnings have been found!

        WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/
        'as' and 'FROM' keywords' casing do not match
        CONTEXT/Dockerfile:1
        --------------------
           1 | >>> FROM scratch as base
           2 |     ENV A b
           3 |     MAINTAINER me
        --------------------

        WARNING: LegacyKeyValueFormat - https://docs.docker.com/go/dockerfile/rule/legacy-key-value-format/
        "ENV key=value" should be used instead of legacy "ENV key value" format
        CONTEXT/Dockerfile:2
        --------------------
           1 |     FROM scratch as base
           2 | >>> ENV A b
           3 |     MAINTAINER me
           4 |     
        --------------------

        WARNING: MaintainerDeprecated - https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/
        Maintainer instruction is deprecated in favor of using label
        CONTEXT/Dockerfile:3
        --------------------
           1 |     FROM scratch as base
           2 |     ENV A b
           3 | >>> MAINTAINER me
           4 |     
        --------------------

        """;

    private const string Unread =
        """
        ERROR: dockerfile parse error on line 2: unknown instruction: FORM (did you mean FROM?)
        CONTEXT/Dockerfile:2
        --------------------
           1 |     FROM a
           2 | >>> FORM b
           3 |     
        --------------------

        """;

    private readonly string _root = Directory.CreateTempSubdirectory("gantry-ask-").FullName;

    public BuildQuestionTests() => File.WriteAllText(Path.Combine(_root, "Dockerfile"), Text);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("--check", 1, Findings)]
    [InlineData("--call=lint", 1, Findings)]
    [InlineData("--call=check,ignorestatus=true", 0, Findings)]
    public void FindingsAreShown(string flag, int code, string shown)
    {
        var ran = Ask(Check(Text), flag);
        Assert.Equal((code, shown.Replace("CONTEXT", _root, StringComparison.Ordinal), ""), ran);
    }

    [Fact]
    public void NothingWasFound() => Assert.Equal((0, "Check complete, no warnings found.\n", ""), Ask(Check("FROM scratch\n"), "--check"));

    [Fact]
    public void AFileThatCannotBeBuiltIsAnError()
    {
        var unread = Check("FROM a\nFORM b\n");
        Assert.Equal((1, "", Unread.Replace("CONTEXT", _root, StringComparison.Ordinal)), Ask(unread, "--call=check,ignorestatus=true"));
        Assert.Equal((1, Encoding.UTF8.GetString(unread.Json) + "\n"), Ask(unread, "--call=check,format=json") is var (code, shown, _) ? (code, shown) : default);
    }

    [Fact]
    public void OtherAnswersAreShownAsTheyCome()
    {
        var targets = TargetList.Of(Files.Parse(Text), Encoding.UTF8.GetBytes(Text)).ToReply();
        Assert.Equal((0, targets.Text, ""), Ask(targets, "--call=targets"));
        Assert.Equal((0, Encoding.UTF8.GetString(targets.Json) + "\n", ""), Ask(targets, "--call=targets,format=json"));
    }

    [Theory]
    [InlineData("--check", "lint")]
    [InlineData("--call=check", "lint")]
    [InlineData("--call=outline", "outline")]
    [InlineData("--call=subrequests.describe", "subrequests.describe")]
    [InlineData("--call=build", null)]
    public void TheQuestionIsAsked(string flag, string? question)
    {
        using var engine = Engine(Check(Text));
        Cli.Gantry("-H", engine.Host, "build", flag, _root);
        Assert.Equal(question, engine.Requests[^1].Path.Split('?')[1].Split('&').Where(static pair => pair.StartsWith("call=", StringComparison.Ordinal)).Select(static pair => pair[5..]).FirstOrDefault());
    }

    [Fact]
    public void AnUnknownFieldIsRefused()
    {
        using var engine = Engine(Check(Text));
        var ran = Cli.Gantry("-H", engine.Host, "build", "--call=outline,bogus=1", _root);
        Assert.NotEqual(0, ran.Code);
        Assert.Contains("invalid print field: bogus=1", ran.Error, StringComparison.Ordinal);
    }

    private static SubrequestReply Check(string text) => new SubrequestAnswers(new FakeBaseImages()).AnswerAsync(
        Subrequests.Lint,
        new() { Filename = "Dockerfile", Data = Encoding.UTF8.GetBytes(text) },
        null,
        static file => new() { Dockerfile = file, Build = new(), Session = "session", HostPlatform = "linux/amd64" },
        TestContext.Current.CancellationToken).GetAwaiter().GetResult();

    private static FakeEngine Engine(SubrequestReply reply)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
            BuildEventJson.Write(json, reply);
        var bytes = line.ToArray();
        return new(_ => new(200, [.. bytes, (byte)'\n']));
    }

    private (int Code, string Shown, string Errors) Ask(SubrequestReply reply, string flag)
    {
        using var engine = Engine(reply);
        var ran = Cli.Gantry("-H", engine.Host, "build", flag, _root);
        return (ran.Code, ran.Out, ran.Error);
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Unit.Build.Syntax;
using Xunit;

namespace Gantry.Tests.Unit.Build.Outline;

/// <summary>What is answered about a build instead of building.</summary>
public sealed class SubrequestTests
{
    private static JsonNode Json(SubrequestReply reply) => JsonNode.Parse(reply.Json)!;

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual?.ToJsonString());

    [Fact]
    public void Targets()
    {
        const string Text = "# build makes it\nFROM --platform=$BUILDPLATFORM go AS build\n\nFROM build\n# tool is <it> & \"more\"\nFROM scratch AS tool\n";
        var reply = TargetList.Of(Files.Parse(Text), Encoding.UTF8.GetBytes(Text)).ToReply();
        Assert.Equal("TARGET         DESCRIPTION\nbuild          makes it\n               \ntool (default) is <it> & \"more\"\n", reply.Text);
        AssertJson(
            $$$"""
            {
              "targets": [
                {"name": "build", "description": "makes it", "base": "go", "platform": "$BUILDPLATFORM", "location": {"ranges": [{"start": {"line": 2}, "end": {"line": 2}}]}},
                {"base": "build", "location": {"ranges": [{"start": {"line": 4}, "end": {"line": 4}}]}},
                {"name": "tool", "default": true, "description": "is <it> & \"more\"", "base": "scratch", "location": {"ranges": [{"start": {"line": 6}, "end": {"line": 6}}]}}
              ],
              "sources": ["{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(Text))}}}"]
            }
            """,
            Json(reply));
        Assert.Contains("is <it> & \\\"more\\\"", Encoding.UTF8.GetString(reply.Json), StringComparison.Ordinal);
        Assert.Equal(("1.0.0", null), (reply.Version, reply.StatusCode));
    }

    [Fact]
    public void ANamelessDefaultIsCalledSo()
    {
        var reply = TargetList.Of(Files.Parse("FROM a"), default).ToReply();
        Assert.Equal("TARGET    DESCRIPTION\n(default) \n", reply.Text);
    }

    [Fact]
    public void Outlines()
    {
        var reply = new BuildOutline
        {
            Name = "tool",
            Description = "makes it",
            Arguments =
            [
                new() { Name = "VERSION", Value = "1.2", Description = "what is built", Location = FileLocation.Of(new(1, 2)) },
                new() { Name = "X", Location = FileLocation.Of(new(3, 3)) },
            ],
            Secrets = [new() { Name = "key", Required = true }, new() { Name = "other-key" }],
            Agents = [new() { Name = "default" }],
            Sources = ["A"u8.ToArray()],
        }.ToReply();
        Assert.Equal(
            """
            TARGET:      tool
            DESCRIPTION: makes it

            BUILD ARG   VALUE   DESCRIPTION
            VERSION     1.2     what is built
            X                   

            SECRET      REQUIRED
            key         true
            other-key   

            SSH       REQUIRED
            default   


            """, reply.Text);
        AssertJson(
            """
            {
              "name": "tool", "description": "makes it",
              "args": [
                {"name": "VERSION", "description": "what is built", "value": "1.2", "location": {"ranges": [{"start": {"line": 1}, "end": {"line": 1}}, {"start": {"line": 2}, "end": {"line": 2}}]}},
                {"name": "X", "location": {"ranges": [{"start": {"line": 3}, "end": {"line": 3}}]}}
              ],
              "secrets": [{"name": "key", "required": true}, {"name": "other-key"}],
              "ssh": [{"name": "default"}],
              "sources": ["QQ=="]
            }
            """,
            Json(reply));
    }

    [Fact]
    public void AnOutlineOfNothingSaysNothing()
    {
        var reply = new BuildOutline { Arguments = [] }.ToReply();
        Assert.Equal(string.Empty, reply.Text);
        AssertJson("""{"args": []}""", Json(reply));
    }

    [Fact]
    public void Questions()
    {
        var reply = Subrequests.Describe();
        Assert.Equal(
            """
            NAME                 VERSION DESCRIPTION
            outline              1.0.0   List all parameters current build target supports
            targets              1.0.0   List all targets current build supports
            lint                 1.0.0   Lint a Dockerfile
            subrequests.describe 1.0.0   List available subrequest types

            """, reply.Text);
        AssertJson(
            """
            {
              "name": "frontend.outline", "version": "1.0.0", "type": "rpc", "description": "List all parameters current build target supports",
              "opts": [{"name": "target", "description": "Target build stage"}], "inputs": null,
              "metadata": [{"name": "result.json", "description": ""}, {"name": "result.txt", "description": ""}], "refs": null
            }
            """,
            Json(reply)[0]);
        Assert.Equal("[]", Json(reply)[2]!["opts"]!.ToJsonString());
    }

    [Fact]
    public void Checks()
    {
        const string Text = "FROM a as one\nRUN x \\\n\n  y\nMAINTAINER me\n";
        var source = new FileSource { Filename = "Dockerfile", Data = Encoding.UTF8.GetBytes(Text) };
        var result = CheckResult.Of(source, Files.Parse(Text).Warnings);
        var reply = result.ToReply();
        const string Warnings =
            """

            WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/
            'as' and 'FROM' keywords' casing do not match
            Dockerfile:1
            --------------------
               1 | >>> FROM a as one
               2 |     RUN x \
               3 |     
            --------------------

            WARNING: NoEmptyContinuation - https://docs.docker.com/go/dockerfile/rule/no-empty-continuation/
            Empty continuation line
            Dockerfile:4
            --------------------
               2 |     RUN x \
               3 |     
               4 | >>>   y
               5 |     MAINTAINER me
               6 |     
            --------------------

            WARNING: MaintainerDeprecated - https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/
            Maintainer instruction is deprecated in favor of using label
            Dockerfile:5
            --------------------
               3 |     
               4 |       y
               5 | >>> MAINTAINER me
               6 |     
            --------------------

            """;
        Assert.Equal(Warnings, reply.Text);
        Assert.Equal(1, reply.StatusCode);
        AssertJson(
            """
            {
              "ruleName": "NoEmptyContinuation", "description": "Empty continuation lines will become errors in a future release",
              "url": "https://docs.docker.com/go/dockerfile/rule/no-empty-continuation/", "detail": "Empty continuation line",
              "location": {"ranges": [{"start": {"line": 4}, "end": {"line": 4}}]}
            }
            """,
            Json(reply)["warnings"]![0]);
        AssertJson($$"""[{"filename": "Dockerfile", "data": "{{Convert.ToBase64String(Encoding.UTF8.GetBytes(Text))}}", "language": "Dockerfile"}]""", Json(reply)["sources"]);
    }

    [Fact]
    public void AFileWithoutFindings()
    {
        var result = CheckResult.Of(new() { Filename = "f", Data = default }, []);
        var reply = result.ToReply();
        Assert.Equal((string.Empty, 0), (reply.Text, reply.StatusCode));
    }

    [Fact]
    public void AFileThatCannotBeBuilt()
    {
        const string Text = "FROM a\nFORM b\n";
        var failure = Assert.Throws<GantryException>(() => Files.Parse(Text));
        var result = CheckResult.Of(new() { Filename = "f", Data = Encoding.UTF8.GetBytes(Text) }, ((DockerfileException)failure.InnerException!).Warnings, failure);
        Assert.Equal(1, result.ToReply().StatusCode);
        AssertJson(
            """{"message": "dockerfile parse error on line 2: unknown instruction: FORM (did you mean FROM?)", "location": {"ranges": [{"start": {"line": 2}, "end": {"line": 2}}]}}""",
            Json(result.ToReply())["buildError"]);
    }

    [Theory]
    [InlineData(1, 1, "1|2|3")]
    [InlineData(5, 5, "3|4|5|6|7")]
    [InlineData(4, 6, "3|4|5|6|7")]
    [InlineData(9, 9, "7|8|9")]
    [InlineData(8, 20, "7|8|9")]
    [InlineData(0, 3, "")]
    [InlineData(10, 11, "")]
    public void ExcerptsShowWhatIsAround(int first, int last, string shown)
    {
        var text = SourceExcerpt.Render("f", [.. Enumerable.Range(1, 9).Select(static line => $"l{line}")], first, last);
        Assert.Equal(shown, string.Join('|', text.Split('\n').Where(static line => line.Contains(" | ", StringComparison.Ordinal)).Select(static line => line.Split('|')[0].Trim())));
    }
}

using System.Text;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Unit.Hostile;
using Xunit;

namespace Gantry.Tests.Unit.Build.Syntax;

/// <summary>Damaged files are read, or refused in a sentence; nothing else comes of them.</summary>
public sealed class MutationTests
{
    private static readonly byte[][] _files = Mutations.Texts(
        "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all;error=true\nARG v=1\n# base is the base\nFROM --platform=$BUILDPLATFORM a:${v:-2} AS Base\nRUN --mount=type=cache,target=/a,\"b\" --network=none x `\n\n  # c\n  y\n",
        "FROM a\nCOPY --from=b --chown=1:2 --chmod=644 --exclude=x --link --parents <<A <<-'B' c /d/\none\nA\n\ttwo\n\tB\nADD [\"a b\", \"\\u00e9\\ud800\", \"/c\"]\nRUN <<E sh\n$x\nE\n",
        "FROM a\nENV A=1 B=\"x y\" C='z' D=\\ e\nENV F g h\nLABEL a.b=\"${A:?no} ${B#*/} ${C%%.*} ${D//a/b}\"\nEXPOSE 80/tcp 1-2/UDP\nVOLUME [\"/a\"]\nVOLUME /a /b\n",
        "FROM a\nHEALTHCHECK --interval=1m30.5s --retries=3 CMD [\"a\"]\nHEALTHCHECK NONE\nONBUILD RUN <<E\na\nE\nONBUILD COPY --from=x a b\nSHELL [\"a\"]\nSTOPSIGNAL 9\nUSER a:b\nWORKDIR /a\nMAINTAINER me\nENTRYPOINT [\"a\"]\nCMD a\nARG x y=z\n",
        "\uFEFF#!/bin/x\n// syntax=y\nfrom scratch as context\ncmd [ \"a\" , 1 ]\n",
        "{\"syntax\": \"a\"}");

    [Fact]
    public void Files_AreReadOrRefused()
    {
        var read = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var bytes = Mutations.Of(_files, seed);
            try
            {
                Use(DockerfileParser.Parse(bytes));
                read++;
            }
            catch (GantryException failure)
            {
                Assert.Equal(ErrorKind.Invalid, failure.Kind);
                Assert.NotEmpty(failure.Message);
            }
            catch (Exception failure)
            {
                Assert.Fail($"seed {seed}: {failure}\n{Encoding.UTF8.GetString(bytes)}");
            }
        }
        // Both ends are reached: otherwise the damage would be too much, or too little.
        Assert.InRange(read, 1_000, 19_000);
    }

    // What was read is used: its words are expanded, its mounts and triggers are read.
    private static void Use(Dockerfile file)
    {
        var expander = new Expander(file.Directives.Escape);
        foreach (var instruction in file.Stages.SelectMany(static stage => stage.Instructions))
        {
            Assert.InRange(instruction.Lines.First, 1, instruction.Lines.Last);
            Assert.InRange(instruction.Lines.Last, 1, file.SourceText.Count);
            Try(() => expander.Expand(instruction.Source, static name => name.Length % 2 == 0 ? "value of it" : null));
            switch (instruction)
            {
                case RunInstruction run:
                    foreach (var mount in run.Mounts)
                        Try(() => MountFlagParser.Parse(mount.Text, static text => text));
                    break;
                case OnbuildInstruction onbuild:
                    Try(() => DockerfileParser.ParseInstruction(onbuild.Trigger));
                    break;
            }
        }
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (GantryException failure)
        {
            Assert.Equal(ErrorKind.Invalid, failure.Kind);
        }
    }

    [Theory]
    [InlineData("ONBUILD ", 1 << 13)]
    [InlineData("RUN [[[[[[", 1 << 13)]
    [InlineData("RUN x \\\n", 1 << 15)]
    [InlineData("# a=b\n", 1 << 16)]
    [InlineData("ENV A=${A:-", 1 << 12)]
    [InlineData("RUN <<A ", 1 << 12)]
    [InlineData("RUN --a='", 1 << 12)]
    [InlineData("\\\n", 1 << 16)]
    public void RepetitionEnds(string text, int times)
    {
        try
        {
            Use(DockerfileParser.Parse(Encoding.UTF8.GetBytes("FROM a\n" + string.Concat(Enumerable.Repeat(text, times)))));
        }
        catch (GantryException failure)
        {
            Assert.Equal(ErrorKind.Invalid, failure.Kind);
        }
    }
}

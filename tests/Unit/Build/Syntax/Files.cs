using System.Text;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build.Syntax;

/// <summary>Reads Dockerfiles that tests write.</summary>
internal static class Files
{
    public static Dockerfile Parse(string text, string? check = null) => DockerfileParser.Parse(Encoding.UTF8.GetBytes(text), check);

    /// <summary>The one instruction behind a FROM.</summary>
    public static T One<T>(string instruction)
        where T : Instruction => Assert.IsType<T>(Assert.Single(Assert.Single(Parse("FROM base\n" + instruction).Stages).Instructions));

    /// <summary>What a file is refused with, and where.</summary>
    public static (string Message, SourceLines? Lines) Refusal(string text)
    {
        var failure = Assert.Throws<GantryException>(() => Parse(text));
        Assert.Equal(ErrorKind.Invalid, failure.Kind);
        return (failure.Message, (failure.InnerException as DockerfileException)?.Lines);
    }

    /// <summary>What an instruction behind a FROM is refused with, without the line.</summary>
    public static string InstructionRefusal(string instruction)
    {
        var (message, lines) = Refusal("FROM base\n" + instruction);
        const string Prefix = "dockerfile parse error on line 2: ";
        Assert.StartsWith(Prefix, message, StringComparison.Ordinal);
        Assert.Equal(2, lines?.First);
        return message[Prefix.Length..];
    }
}

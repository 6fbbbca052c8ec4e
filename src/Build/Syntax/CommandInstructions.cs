using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads RUN, CMD, ENTRYPOINT, SHELL and ONBUILD.</summary>
internal static class CommandInstructions
{
    public static RunInstruction Run(Statement statement)
    {
        var flags = new InstructionFlags(statement, texts: ["network", "security"], lists: ["device", "mount"]);
        var devices = flags.List("device").Select(MountFlagParser.ReadDevice).ToList();
        var mounts = flags.List("mount").Select(MountFlagParser.ReadUnexpanded).ToList();
        var network = flags.List("network") is [var mode] ? mode : "default";
        var security = flags.List("security") is [var level] ? level : "sandbox";
        return new()
        {
            Keyword = statement.Keyword,
            Source = statement.Source,
            Lines = statement.Lines,
            Comments = statement.Comments,
            Command = Line(statement),
            Heredocs = statement.Heredocs,
            Mounts = mounts,
            Devices = devices,
            Network = network switch
            {
                "default" => StepNetwork.Default,
                "none" => StepNetwork.None,
                "host" => StepNetwork.Host,
                _ => throw SyntaxFailure.Of($"invalid network mode {GoText.Quote(network)}"),
            },
            Insecure = security switch
            {
                "sandbox" => false,
                "insecure" => true,
                _ => throw SyntaxFailure.Of($"security {GoText.Quote(security)} is not valid"),
            },
        };
    }

    public static CmdInstruction Cmd(Statement statement)
    {
        InstructionReader.EnsureNoFlags(statement);
        return new() { Keyword = statement.Keyword, Source = statement.Source, Lines = statement.Lines, Comments = statement.Comments, Command = Line(statement) };
    }

    public static EntrypointInstruction Entrypoint(Statement statement)
    {
        InstructionReader.EnsureNoFlags(statement);
        return new() { Keyword = statement.Keyword, Source = statement.Source, Lines = statement.Lines, Comments = statement.Comments, Command = Line(statement) };
    }

    public static ShellInstruction Shell(Statement statement)
    {
        InstructionReader.EnsureNoFlags(statement);
        InstructionReader.EnsureSome(statement);
        if (!statement.IsJson)
            throw SyntaxFailure.Of("SHELL requires the arguments to be in JSON form");
        return new() { Keyword = statement.Keyword, Source = statement.Source, Lines = statement.Lines, Comments = statement.Comments, Shell = statement.Arguments };
    }

    public static OnbuildInstruction Onbuild(Statement statement)
    {
        InstructionReader.EnsureSome(statement);
        InstructionReader.EnsureNoFlags(statement);
        var instruction = statement.Arguments[0].ToUpperInvariant();
        if (instruction == "ONBUILD")
            throw SyntaxFailure.Of("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        if (instruction is "MAINTAINER" or "FROM")
            throw SyntaxFailure.Of($"{instruction} isn't allowed as an ONBUILD trigger");
        var trigger = new StringBuilder(statement.Source[statement.Keyword.Length..].TrimStart());
        foreach (var heredoc in statement.Heredocs)
            trigger.Append('\n').Append(heredoc.Original).Append(heredoc.Name);
        return new() { Keyword = statement.Keyword, Source = statement.Source, Lines = statement.Lines, Comments = statement.Comments, Trigger = trigger.ToString() };
    }

    private static CommandLine Line(Statement statement) => new() { Arguments = statement.Arguments, IsShell = !statement.IsJson };
}

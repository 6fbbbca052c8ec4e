using System.Globalization;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads HEALTHCHECK.</summary>
internal static class HealthcheckReader
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    public static HealthcheckInstruction Read(Statement statement)
    {
        InstructionReader.EnsureSome(statement);
        var kind = statement.Arguments[0].ToUpperInvariant();
        var command = statement.Arguments.Skip(1).ToList();
        var read = new HealthcheckInstruction { Keyword = statement.Keyword, Source = statement.Source, Lines = statement.Lines, Comments = statement.Comments, Test = ["NONE"] };
        if (kind == "NONE")
            return command.Count == 0 ? read : throw SyntaxFailure.Of("HEALTHCHECK NONE takes no arguments");
        var flags = new InstructionFlags(statement, texts: ["interval", "timeout", "start-period", "start-interval", "retries"]);
        if (kind != "CMD")
            throw SyntaxFailure.Of($"Unknown type {GoText.Quote(kind)} in HEALTHCHECK (try CMD)");
        if (command.Count == 0)
            throw SyntaxFailure.Of("Missing command after HEALTHCHECK CMD");
        return read with
        {
            Test = [statement.IsJson ? "CMD" : "CMD-SHELL", .. command],
            Interval = Duration(flags, "interval"),
            Timeout = Duration(flags, "timeout"),
            StartPeriod = Duration(flags, "start-period"),
            StartInterval = Duration(flags, "start-interval"),
            Retries = Retries(flags["retries"]),
        };
    }

    private static TimeSpan Duration(InstructionFlags flags, string name)
    {
        if (flags.Find(name) is not { } text)
            return TimeSpan.Zero;
        var nanoseconds = GoDuration.Parse(text);
        if (nanoseconds is not 0 and < NanosecondsPerMillisecond)
            throw SyntaxFailure.Of($"Interval {GoText.Quote(name)} cannot be less than 1ms");
        return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    private static int Retries(string text)
    {
        if (text.Length == 0)
            return 0;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var retries))
        {
            var isNumber = text.TrimStart('+', '-') is { Length: > 0 } digits && digits.Length >= text.Length - 1 && digits.All(char.IsAsciiDigit);
            throw SyntaxFailure.Of($"strconv.ParseInt: parsing {GoText.Quote(text)}: {(isNumber ? "value out of range" : "invalid syntax")}");
        }
        return retries >= 0 ? retries : throw SyntaxFailure.Of($"--retries cannot be negative ({retries})");
    }
}

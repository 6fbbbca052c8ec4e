using Gantry.Model;

namespace Gantry.Build;

/// <summary>Which rules are checked, and what becomes of findings.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/linter/linter.go.</remarks>
public sealed record LintOptions
{
    /// <summary>No rule but experimental ones: <c>skip=all</c>.</summary>
    public bool SkipsAll { get; init; }

    /// <summary>Rules that are not checked, by name.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>Experimental rules too: <c>experimental=all</c>.</summary>
    public bool ChecksAllExperimental { get; init; }

    /// <summary>Experimental rules that are checked, by name.</summary>
    public IReadOnlyList<string> Experimental { get; init; } = [];

    /// <summary>A finding fails the build: <c>error=true</c>.</summary>
    public bool FailsBuild { get; init; }

    /// <summary>Reads options as <c># check=</c> and <c>BUILDKIT_DOCKERFILE_CHECK</c> have them: <c>skip=A,B;error=true;experimental=all</c>.</summary>
    /// <exception cref="GantryException">Invalid: an option is unknown or has no value that it takes.</exception>
    public static LintOptions Parse(string? text)
    {
        var options = new LintOptions();
        if (string.IsNullOrWhiteSpace(text))
            return options;
        // What is behind the second semicolon is part of the third option.
        foreach (var part in text.Trim().Split(';', 3))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw Invalid($"invalid check option {GoText.Quote(part)}");
            var value = part[(equals + 1)..].Trim();
            options = part[..equals].Trim() switch
            {
                "skip" => value == "all" ? options with { SkipsAll = true } : options with { Skipped = Names(value) },
                "experimental" => value == "all" ? options with { ChecksAllExperimental = true } : options with { Experimental = Names(value) },
                "error" => options with
                {
                    FailsBuild = GoText.FindBool(value)
                        ?? throw Invalid($"failed to parse check option {GoText.Quote(part)}: strconv.ParseBool: parsing {GoText.Quote(value)}: invalid syntax"),
                },
                var other => throw Invalid($"invalid check option {GoText.Quote(other)}"),
            };
        }
        return options;
    }

    /// <summary>The same for one instruction, with what <c># check=</c> in the comments above it adds.</summary>
    /// <param name="comments">Without <c>#</c>. What cannot be read in them is no option.</param>
    public LintOptions With(IReadOnlyList<string> comments)
    {
        foreach (var comment in comments)
        {
            if (new DirectiveReader(string.Empty).Read(comment) is not ("check", { } value))
                continue;
            try
            {
                // Behind the options, people may say why.
                var added = Parse(value.Split(' ', 2)[0]);
                return this with
                {
                    SkipsAll = SkipsAll || added.SkipsAll,
                    Skipped = [.. Skipped, .. added.Skipped],
                    ChecksAllExperimental = ChecksAllExperimental || added.ChecksAllExperimental,
                    Experimental = [.. Experimental, .. added.Experimental],
                };
            }
            catch (GantryException)
            {
                return this;
            }
        }
        return this;
    }

    /// <summary>Whether a rule is checked.</summary>
    public bool Checks(LintRule rule) => rule.IsExperimental
        ? ChecksAllExperimental || Experimental.Contains(rule.Name)
        : !SkipsAll && !Skipped.Contains(rule.Name);

    private static string[] Names(string value) => value.Split(',', StringSplitOptions.TrimEntries);

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}

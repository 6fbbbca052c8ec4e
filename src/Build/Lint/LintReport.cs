using Gantry.Model;

namespace Gantry.Build;

/// <summary>Collects what linting finds in one file.</summary>
public sealed class LintReport
{
    private readonly LintOptions _options;
    private readonly List<LintWarning> _warnings;

    /// <summary>An empty one.</summary>
    public LintReport(LintOptions options)
    {
        _options = options;
        _warnings = [];
    }

    /// <summary>One that begins with what was found while the file was read.</summary>
    public LintReport(Dockerfile dockerfile)
    {
        _options = dockerfile.Lint;
        _warnings = [.. dockerfile.Warnings];
    }

    /// <summary>In the order in which they were found.</summary>
    public IReadOnlyList<LintWarning> Warnings => _warnings;

    /// <summary>Takes a finding, where the rule is checked here.</summary>
    /// <param name="message">Of <see cref="LintMessages"/>.</param>
    /// <param name="lines">Where; null: the file as a whole.</param>
    /// <param name="comments">Those above the instruction: <c># check=skip=</c> in them counts.</param>
    public void Add(LintRule rule, string message, SourceLines? lines, IReadOnlyList<string>? comments = null)
    {
        if ((comments is { Count: > 0 } ? _options.With(comments) : _options).Checks(rule))
            _warnings.Add(new() { Rule = rule.Name, Message = message, Description = rule.Description, Url = rule.Url, Lines = lines });
    }

    /// <summary>Takes a finding about an instruction.</summary>
    public void Add(LintRule rule, string message, Instruction instruction) => Add(rule, message, instruction.Lines, instruction.Comments);

    /// <summary>Takes a finding about a stage's FROM.</summary>
    public void Add(LintRule rule, string message, Stage stage) => Add(rule, message, stage.Lines, stage.Comments);

    /// <summary>Fails where the file asks for it, and something was found.</summary>
    /// <exception cref="GantryException">Invalid: the rules, by name; the cause has the first one's lines.</exception>
    public void EnsureAccepted()
    {
        if (_options.FailsBuild && _warnings.Count > 0)
        {
            var rules = string.Join(", ", _warnings.Select(static warning => warning.Rule).Distinct());
            var cause = new DockerfileException(_warnings[0].Lines ?? new(1, 1)) { Warnings = _warnings };
            throw GantryException.Of(ErrorKind.Invalid, $"lint violation found for rules: {rules}", cause: cause);
        }
    }
}

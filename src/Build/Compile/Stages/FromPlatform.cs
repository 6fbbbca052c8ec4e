using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>Reads <c>FROM --platform</c>.</summary>
internal static class FromPlatform
{
    /// <param name="reportUnknown">Is told of variables that nobody declared.</param>
    /// <exception cref="GantryException">Invalid: it is empty, or no platform.</exception>
    public static Platform Read(string written, Stage stage, CompileContext context, Action<Expansion, Stage> reportUnknown)
    {
        var match = context.Expander.Expand(written, context.Globals.Find);
        reportUnknown(match, stage);
        if (match.Matched.Count == 1 && match.Unmatched.Count == 0 && match.Matched.Contains("TARGETPLATFORM") && match.Text == context.Globals.Find("TARGETPLATFORM"))
            context.Report.Add(LintRules.RedundantTargetPlatform, LintMessages.RedundantTargetPlatform(written), stage);
        if (match.Text.Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, $"empty platform value from expression {written}{Meant(match, context)}");
        Platform platform;
        try
        {
            platform = BuildPlatform.Parse(match.Text, context.HostPlatform);
        }
        catch (GantryException failure)
        {
            throw GantryException.Of(failure.Kind, $"failed to parse platform {written}: {failure.Message}{Meant(match, context)}");
        }
        var name = stage.Name ?? string.Empty;
        // A stage that is called after its platform means it.
        if (match.Matched.Count == 0 && match.Unmatched.Count == 0
            && !name.Contains(platform.Os, StringComparison.Ordinal) && !name.Contains(platform.Architecture, StringComparison.Ordinal))
            context.Report.Add(LintRules.FromPlatformFlagConstDisallowed, LintMessages.FromPlatformFlagConstDisallowed(match.Text), stage);
        return platform;
    }

    private static string Meant(Expansion match, CompileContext context) =>
        match.Unmatched.Order(StringComparer.Ordinal).Select(name => Suggestion.For(name, context.Globals.Names)).FirstOrDefault(static hint => hint.Length > 0) ?? string.Empty;
}

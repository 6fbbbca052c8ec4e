using System.Globalization;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>What people are shown of steps, as in <c>[build 2/5] RUN make</c>.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, prefixCommand.</remarks>
internal static class StepNames
{
    /// <summary>The name of a stage's next step.</summary>
    /// <param name="isTrigger">It comes from the base's ONBUILD.</param>
    public static string Next(StageState stage, string text, bool isTrigger, CompileContext context)
    {
        if (stage.StepCount == 0)
            return text;
        stage.StepNumber++;
        return Prefix(stage, context) + (isTrigger ? "ONBUILD " : string.Empty) + text;
    }

    /// <summary>The name of the step that was last named, with another text.</summary>
    public static string Again(StageState stage, string text, bool isTrigger, CompileContext context) =>
        stage.StepCount == 0 ? text : Prefix(stage, context) + (isTrigger ? "ONBUILD " : string.Empty) + text;

    /// <summary>An instruction as people are shown it, its variables replaced.</summary>
    /// <param name="find">A variable's value; null: it is not set.</param>
    public static string Show(string source, Expander expander, Func<string, string?> find)
    {
        string text;
        try
        {
            text = expander.Expand(source, find).Text;
        }
        catch (GantryException)
        {
            // What cannot be replaced is shown as it is: what is wrong with it is said elsewhere, if it matters.
            text = source;
        }
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? text.ToUpperInvariant() : text[..space].ToUpperInvariant() + text[space..];
    }

    private static string Prefix(StageState stage, CompileContext context)
    {
        var platform = context.Spec.IsMultiPlatform ? BuildPlatform.Text(stage.Platform ?? context.TargetPlatform) + Target(stage, context) + " " : string.Empty;
        var name = stage.DisplayName.Length > 0 ? stage.DisplayName + " " : string.Empty;
        var total = stage.StepCount.ToString(CultureInfo.InvariantCulture);
        var number = stage.StepNumber.ToString(CultureInfo.InvariantCulture).PadLeft(total.Length);
        return $"[{platform}{name}{number}/{total}] ";
    }

    // Where a stage runs on one platform to make something for another.
    private static string Target(StageState stage, CompileContext context)
    {
        var at = stage.Platform ?? context.TargetPlatform;
        Platform? target = null;
        if (stage.Variables.Find("TARGETPLATFORM") is { } whole)
        {
            try
            {
                target = BuildPlatform.Parse(whole, context.HostPlatform);
            }
            catch (GantryException)
            {
                // Somebody gave the variable another meaning.
            }
        }
        else if (stage.Variables.Find("TARGETARCH") is { Length: > 0 } architecture)
        {
            target = BuildPlatform.Normalize(new() { Os = stage.Variables.Find("TARGETOS") ?? at.Os, Architecture = architecture, Variant = stage.Variables.Find("TARGETVARIANT") });
        }
        if (target is null || (target.Os == at.Os && target.Architecture == at.Architecture))
            return string.Empty;
        var text = BuildPlatform.Text(target);
        return "->" + (target.Os == at.Os ? text[(target.Os.Length + 1)..] : text);
    }
}

using System.Globalization;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>The variables that FROM sees: those that are always there, and the ARGs before the first FROM.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb defaultArgs, buildMetaArgs.</remarks>
internal static class GlobalArguments
{
    /// <summary>Variables that an ARG may name, but that steps do not see.</summary>
    public static bool IsHidden(string name) => name is "BUILDKIT_SBOM_SCAN_CONTEXT" or "BUILDKIT_SBOM_SCAN_STAGE";

    /// <summary>Sets what the build and the file say.</summary>
    public static void Read(CompileContext context)
    {
        var automatic = Automatic(context);
        CheckDefaults(context, automatic);
        context.Globals = Declare(context, automatic, context.FindArgument);
        context.GlobalNames.UnionWith(context.Globals.Names);
        context.GlobalNames.UnionWith(context.Spec.Dockerfile.GlobalArguments.SelectMany(static arg => arg.Arguments).Select(static argument => argument.Name));
        ReadEpoch(context);
    }

    private static VariableList Automatic(CompileContext context)
    {
        var variables = new VariableList();
        AddPlatform(variables, "BUILD", context.HostPlatform);
        AddPlatform(variables, "TARGET", context.TargetPlatform);
        variables.Set("TARGETSTAGE", (context.Build.Target is { Length: > 0 } target ? target : context.Spec.Dockerfile.Stages[^1].Name) ?? "default");
        foreach (var name in variables.Names)
        {
            if (context.FindArgument(name) is { } given)
                variables.Set(name, given);
        }
        return variables;
    }

    private static void AddPlatform(VariableList variables, string prefix, Platform platform)
    {
        variables.Set(prefix + "PLATFORM", BuildPlatform.Text(platform));
        variables.Set(prefix + "OS", platform.Os);
        variables.Set(prefix + "OSVERSION", platform.OsVersion ?? string.Empty);
        variables.Set(prefix + "ARCH", platform.Architecture);
        variables.Set(prefix + "VARIANT", platform.Variant ?? string.Empty);
    }

    private static VariableList Declare(CompileContext context, VariableList automatic, Func<string, string?> given)
    {
        var variables = automatic.Clone();
        foreach (var instruction in context.Spec.Dockerfile.GlobalArguments)
        {
            foreach (var argument in instruction.Arguments)
            {
                var value = given(argument.Name) ?? (argument.Value is { } written
                    ? Located.Do(instruction.Lines, context, () => context.Expander.Expand(written, variables.Find).Text)
                    : null);
                if (value is not null)
                    variables.Set(argument.Name, value);
            }
        }
        return variables;
    }

    // Whoever builds without arguments should get an image too.
    private static void CheckDefaults(CompileContext context, VariableList automatic)
    {
        try
        {
            var variables = Declare(context, automatic, static _ => null);
            foreach (var stage in context.Spec.Dockerfile.Stages)
            {
                var name = context.Expander.Expand(stage.Base, variables.Find).Text;
                if (!ImageReference.TryParse(name, out _))
                    context.Report.Add(LintRules.InvalidDefaultArgInFrom, LintMessages.InvalidDefaultArgInFrom(stage.Base), stage.Lines);
            }
        }
        catch (GantryException)
        {
            // The build fails of the same thing, if it matters to it.
        }
    }

    // Given but empty: no time is wanted.
    private static void ReadEpoch(CompileContext context)
    {
        const string Name = "SOURCE_DATE_EPOCH";
        var text = context.FindArgument(Name) ?? context.Globals.Find(Name);
        if (text is null)
            context.Epoch = context.Spec.CommitTime;
        else if (text.Length > 0)
            context.Epoch = context.StepTime = Parse(Name, text);
    }

    private static DateTimeOffset Parse(string name, string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw GantryException.Of(ErrorKind.Invalid, $"invalid {name}: {text}: write seconds since 1970, as in {name}=$(git log -1 --format=%ct)");
}

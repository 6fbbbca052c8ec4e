using Gantry.Model;

namespace Gantry.Build;

/// <summary>What the lint rules say of a place.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/linter/ruleset.go.</remarks>
public static class LintMessages
{
    public const string NoEmptyContinuation = "Empty continuation line";

    public const string MaintainerDeprecated = "Maintainer instruction is deprecated in favor of using label";

    public static string StageNameCasing(string stage) => $"Stage name '{stage}' should be lowercase";

    /// <param name="from">FROM as it was written.</param>
    /// <param name="as">AS as it was written.</param>
    public static string FromAsCasing(string from, string @as) => $"'{@as}' and '{from}' keywords' casing do not match";

    public static string ConsistentInstructionCasing(string keyword, bool majorityIsLower) =>
        $"Command '{keyword}' should match the case of the command majority ({(majorityIsLower ? "lowercase" : "uppercase")})";

    public static string DuplicateStageName(string stage) => $"Duplicate stage name {GoText.Quote(stage)}, stage names should be unique";

    public static string ReservedStageName(string stage) => $"Stage name should not use the same name as reserved stage {GoText.Quote(stage)}";

    /// <param name="keyword">As it was written.</param>
    public static string JsonArgsRecommended(string keyword) => $"JSON arguments recommended for {keyword} to prevent unintended behavior related to OS signals";

    /// <param name="known">The variables that there are: one may have been meant.</param>
    public static string UndefinedArgInFrom(string variable, IReadOnlyList<string> known) =>
        $"FROM argument '{variable}' is not declared{Meant(variable, known, string.Empty)}";

    public static string WorkdirRelativePath(string path) => $"Relative workdir {GoText.Quote(path)} can have unexpected results if the base image changes";

    /// <param name="known">The variables that there are: one may have been meant.</param>
    public static string UndefinedVar(string variable, IReadOnlyList<string> known) => $"Usage of undefined variable '${variable}'{Meant(variable, known, "$")}";

    /// <param name="keyword">As it was written.</param>
    public static string MultipleInstructionsDisallowed(string keyword) =>
        $"Multiple {keyword} instructions should not be used in the same stage because only the last one will be used";

    /// <param name="keyword">As it was written.</param>
    public static string LegacyKeyValueFormat(string keyword) => $"\"{keyword} key=value\" should be used instead of legacy \"{keyword} key value\" format";

    public static string InvalidBaseImagePlatform(string image, string expected, string actual) =>
        $"Base image {image} was pulled with platform {GoText.Quote(actual)}, expected {GoText.Quote(expected)} for current build";

    /// <param name="platform">The flag's value as it was written, as in <c>$TARGETPLATFORM</c>.</param>
    public static string RedundantTargetPlatform(string platform) => $"Setting platform to predefined {platform} in FROM is redundant as this is the default behavior";

    /// <param name="instruction"><c>ARG</c> or <c>ENV</c>.</param>
    public static string SecretsUsedInArgOrEnv(string instruction, string name) =>
        $"Do not use ARG or ENV instructions for sensitive data ({instruction} {GoText.Quote(name)})";

    /// <param name="image">The image's name as it was written.</param>
    public static string InvalidDefaultArgInFrom(string image) => $"Default value for ARG {image} results in empty or invalid base image name";

    public static string FromPlatformFlagConstDisallowed(string platform) => $"FROM --platform flag should not use constant value {GoText.Quote(platform)}";

    /// <param name="instruction"><c>Copy</c> or <c>Add</c>.</param>
    public static string CopyIgnoredFile(string instruction, string path) => $"Attempting to {instruction} file {GoText.Quote(path)} that is excluded by .dockerignore";

    /// <param name="instruction"><c>ARG</c> or <c>FROM</c>.</param>
    public static string InvalidDefinitionDescription(string instruction, string name) => $"Comment for {instruction} should follow the format: `# {name} <description>`";

    /// <param name="port">As it was written, as in <c>80/TCP</c>.</param>
    public static string ExposeProtoCasing(string port) => $"Defined protocol '{port}' in EXPOSE instruction should be lowercase";

    /// <param name="port">As it was written.</param>
    public static string ExposeInvalidFormat(string port) => $"EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'";

    private static string Meant(string variable, IReadOnlyList<string> known, string prefix) =>
        Suggestion.Find(variable, known) is { } meant ? $" (did you mean {prefix}{meant}?)" : string.Empty;
}

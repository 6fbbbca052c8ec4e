namespace Gantry.Build;

/// <summary>The lint rules. What each says of a place: <see cref="LintMessages"/>.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/linter/ruleset.go.</remarks>
public static class LintRules
{
    public static LintRule StageNameCasing { get; } = Of("StageNameCasing", "stage-name-casing", "Stage names should be lowercase");

    public static LintRule FromAsCasing { get; } = Of("FromAsCasing", "from-as-casing", "The 'as' keyword should match the case of the 'from' keyword");

    public static LintRule NoEmptyContinuation { get; } = Of("NoEmptyContinuation", "no-empty-continuation", "Empty continuation lines will become errors in a future release");

    public static LintRule ConsistentInstructionCasing { get; } =
        Of("ConsistentInstructionCasing", "consistent-instruction-casing", "All commands within the Dockerfile should use the same casing (either upper or lower)");

    public static LintRule DuplicateStageName { get; } = Of("DuplicateStageName", "duplicate-stage-name", "Stage names should be unique");

    public static LintRule ReservedStageName { get; } = Of("ReservedStageName", "reserved-stage-name", "Reserved words should not be used as stage names");

    public static LintRule JsonArgsRecommended { get; } =
        Of("JSONArgsRecommended", "json-args-recommended", "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals");

    public static LintRule MaintainerDeprecated { get; } =
        Of("MaintainerDeprecated", "maintainer-deprecated", "The MAINTAINER instruction is deprecated, use a label instead to define an image author");

    public static LintRule UndefinedArgInFrom { get; } = Of("UndefinedArgInFrom", "undefined-arg-in-from", "FROM command must use declared ARGs");

    public static LintRule WorkdirRelativePath { get; } = Of(
        "WorkdirRelativePath", "workdir-relative-path", "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes");

    public static LintRule UndefinedVar { get; } = Of("UndefinedVar", "undefined-var", "Variables should be defined before their use");

    public static LintRule MultipleInstructionsDisallowed { get; } =
        Of("MultipleInstructionsDisallowed", "multiple-instructions-disallowed", "Multiple instructions of the same type should not be used in the same stage");

    public static LintRule LegacyKeyValueFormat { get; } =
        Of("LegacyKeyValueFormat", "legacy-key-value-format", "Legacy key/value format with whitespace separator should not be used");

    public static LintRule InvalidBaseImagePlatform { get; } = new()
    {
        Name = "InvalidBaseImagePlatform",
        Description = "Base image platform does not match expected target platform",
        Url = string.Empty,
    };

    public static LintRule RedundantTargetPlatform { get; } = Of(
        "RedundantTargetPlatform", "redundant-target-platform", "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior");

    public static LintRule SecretsUsedInArgOrEnv { get; } =
        Of("SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env", "Sensitive data should not be used in the ARG or ENV commands");

    public static LintRule InvalidDefaultArgInFrom { get; } =
        Of("InvalidDefaultArgInFrom", "invalid-default-arg-in-from", "Default value for global ARG results in an empty or invalid base image name");

    public static LintRule FromPlatformFlagConstDisallowed { get; } =
        Of("FromPlatformFlagConstDisallowed", "from-platform-flag-const-disallowed", "FROM --platform flag should not use a constant value");

    public static LintRule CopyIgnoredFile { get; } = Of("CopyIgnoredFile", "copy-ignored-file", "Attempting to Copy file that is excluded by .dockerignore");

    public static LintRule InvalidDefinitionDescription { get; } = Of(
        "InvalidDefinitionDescription",
        "invalid-definition-description",
        "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.") with
    {
        IsExperimental = true,
    };

    public static LintRule ExposeProtoCasing { get; } = Of("ExposeProtoCasing", "expose-proto-casing", "Protocol in EXPOSE instruction should be lowercase");

    public static LintRule ExposeInvalidFormat { get; } = Of(
        "ExposeInvalidFormat",
        "expose-invalid-format",
        "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        StageNameCasing, FromAsCasing, NoEmptyContinuation, ConsistentInstructionCasing, DuplicateStageName, ReservedStageName, JsonArgsRecommended,
        MaintainerDeprecated, UndefinedArgInFrom, WorkdirRelativePath, UndefinedVar, MultipleInstructionsDisallowed, LegacyKeyValueFormat,
        InvalidBaseImagePlatform, RedundantTargetPlatform, SecretsUsedInArgOrEnv, InvalidDefaultArgInFrom, FromPlatformFlagConstDisallowed,
        CopyIgnoredFile, InvalidDefinitionDescription, ExposeProtoCasing, ExposeInvalidFormat,
    ];

    private static LintRule Of(string name, string page, string description) =>
        new() { Name = name, Description = description, Url = $"https://docs.docker.com/go/dockerfile/rule/{page}/" };
}

using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>One stage while its instructions are gone through, or an image that a stage takes files from.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, dispatchState.</remarks>
internal sealed class StageState
{
    /// <summary>What it begins with; expanded.</summary>
    public required string BaseName { get; init; }

    /// <summary>Lower case; null: it has none.</summary>
    public string? Name { get; init; }

    /// <summary>What steps are called after; empty: nothing.</summary>
    public string DisplayName { get; set; } = string.Empty;

    /// <summary>The stage's FROM; for an image that files are taken from, that instruction.</summary>
    public required SourceLines Lines { get; init; }

    /// <summary>The comments above FROM.</summary>
    public IReadOnlyList<string> Comments { get; init; } = [];

    /// <summary>Instructions take files from it, but no FROM begins it.</summary>
    public bool IsUnregistered { get; init; }

    /// <summary>The stage that it begins with; null: an image, or nothing.</summary>
    public StageState? Base { get; set; }

    /// <summary>The named context that takes its place; null: none.</summary>
    public NamedContext? Replacement { get; init; }

    /// <summary>Null until it is known: that of the base.</summary>
    public Platform? Platform { get; set; }

    public List<StageCommand> Commands { get; set; } = [];

    /// <summary>The stages that its instructions take files from, each with the first instruction that does.</summary>
    public List<(StageState Stage, Instruction Instruction)> Dependencies { get; } = [];

    public bool IgnoresCache { get; init; }

    public bool IsResolved { get; set; }

    /// <summary>Its tree is there for others to take from.</summary>
    public bool IsDone { get; set; }

    public bool HasTriggersOfBase { get; set; }

    /// <summary>How many steps people are told of, and how many were named so far.</summary>
    public int StepCount { get; set; }

    public int StepNumber { get; set; }

    /// <summary>What the files are; null: none yet.</summary>
    public Vertex? Tree { get; set; }

    public ImageDraft Image { get; set; } = ImageDraft.Empty(new() { Os = "linux", Architecture = "amd64" });

    /// <summary>What RUN sees and expansion knows: ENV and ARG.</summary>
    public VariableList Variables { get; set; } = new();

    public string Directory { get; set; } = "/";

    public string? User { get; set; }

    /// <summary>What ARG declared, for the history.</summary>
    public List<Assignment> Arguments { get; } = [];

    /// <summary>WORKDIR was there, in this stage or one that it begins with.</summary>
    public bool HasWorkdir { get; set; }

    public CmdInstruction? Cmd { get; set; }

    public EntrypointInstruction? Entrypoint { get; set; }

    public HealthcheckInstruction? Healthcheck { get; set; }

    /// <summary>Named contexts that it begins with: what is taken from their trees is noted.</summary>
    public ContextUse? Context { get; set; }

    /// <summary>Takes over what the stage has that it begins with.</summary>
    public void Inherit()
    {
        if (Base is not { } parent)
            return;
        Tree = parent.Tree;
        Platform = parent.Platform;
        Image = parent.Image.Inherit();
        Variables = parent.Variables.Clone();
        Directory = parent.Directory;
        User = parent.User;
        HasWorkdir = parent.HasWorkdir;
        Context = parent.Context;
        Arguments.Clear();
        Arguments.AddRange(parent.Arguments);
    }
}

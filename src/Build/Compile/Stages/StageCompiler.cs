using Gantry.Model.Patterns;

namespace Gantry.Build;

/// <summary>Goes through a stage's instructions.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, dispatchStages and dispatch.</remarks>
internal static class StageCompiler
{
    /// <summary>Makes the stage's tree and configuration. What it takes files from has been gone through before.</summary>
    /// <exception cref="Model.GantryException">Invalid or Forbidden: an instruction says what cannot be, or may not.</exception>
    public static void Compile(StageState stage, CompileContext context)
    {
        stage.Inherit();
        stage.IsDone = true;
        Begin(stage);
        foreach (var command in stage.Commands)
            Located.Do(command.Instruction.Lines, context, () => Compile(stage, command, context));
    }

    // What the base says of itself holds for steps too.
    private static void Begin(StageState stage)
    {
        if (stage.Image.FindVariable("PATH") is null)
            stage.Image.SetVariable("PATH", ImageDraft.DefaultPath);
        foreach (var variable in stage.Image.Environment)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            stage.Variables.Set(equals < 0 ? variable : variable[..equals], equals < 0 ? string.Empty : variable[(equals + 1)..]);
        }
        if (stage.Image.WorkingDirectory.Length > 0)
        {
            stage.Image.WorkingDirectory = GoPath.Join("/", stage.Image.WorkingDirectory);
            stage.Directory = stage.Image.WorkingDirectory;
        }
        if (stage.Image.User.Length > 0)
            stage.User = stage.Image.User;
    }

    private static void Compile(StageState stage, StageCommand command, CompileContext context)
    {
        var words = new StageWords(stage, command.Instruction, context);
        switch (command.Instruction)
        {
            case RunInstruction run:
                new RunCompiler(stage, command, words, context).Compile(run);
                break;
            case CopyInstruction copy:
                new CopyCompiler(stage, command, words, context).Compile(copy);
                break;
            case WorkdirInstruction workdir:
                Workdir(stage, command, workdir, words, context);
                break;
            case var other:
                new MetadataCompiler(stage, words, context).Compile(other);
                break;
        }
    }

    private static void Workdir(StageState stage, StageCommand command, WorkdirInstruction workdir, StageWords words, CompileContext context)
    {
        var path = words.Expand(workdir.Path);
        if (!stage.HasWorkdir && !path.StartsWith('/'))
            context.Report.Add(LintRules.WorkdirRelativePath, LintMessages.WorkdirRelativePath(path), workdir);
        stage.HasWorkdir = true;
        var directory = path.StartsWith('/') ? GoPath.Join("/", path) : GoPath.Join("/", stage.Image.WorkingDirectory, path);
        stage.Image.WorkingDirectory = directory;
        stage.Directory = directory;
        if (directory != "/")
        {
            var shown = StepNames.Show(workdir.Source, context.Expander, stage.Variables.Find);
            var make = new MakeDirectoryAction { Path = directory, Owner = stage.Image.User.Length > 0 ? stage.Image.User : null };
            stage.Tree = new FileStep(StepNames.Next(stage, shown, command.IsTrigger, context), stage.Tree is { } tree ? [tree] : [], stage.Tree is null ? null : 0, [make])
            {
                Lines = workdir.Lines,
                Created = context.StepTime,
            };
        }
        stage.Image.Commit("WORKDIR " + directory, hasLayer: directory != "/", context.Epoch);
    }
}

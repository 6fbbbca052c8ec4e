using System.Globalization;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>The stages of a file, and which takes files from which.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, buildDispatchStates, resolveTarget, buildStageDependencyGraph.</remarks>
internal sealed class StageGraph
{
    private readonly List<StageState> _all = [];
    private readonly Dictionary<string, StageState> _byName = new(StringComparer.Ordinal);
    private readonly CompileContext _context;
    private readonly NamedContexts _named;

    /// <exception cref="GantryException">Invalid: a stage's name, platform or source cannot be; the target is not there.</exception>
    public StageGraph(CompileContext context, NamedContexts named)
    {
        _context = context;
        _named = named;
        foreach (var (stage, number) in context.Spec.Dockerfile.Stages.Select(static (stage, number) => (stage, number)))
            Located.Do(stage.Lines, context, () => Add(Begin(stage, number)));
        Target = FindTarget();
        foreach (var (state, stage) in _all.Zip(context.Spec.Dockerfile.Stages).ToList())
        {
            // What takes its place has no instructions.
            if (state.Replacement is null)
                state.Commands = [.. stage.Instructions.Select(instruction => Located.Do(instruction.Lines, context, () => Command(state, instruction, isTrigger: false)))];
        }
        CheckCircles();
        if (_all.Count == 1)
            _all[0].DisplayName = string.Empty;
    }

    /// <summary>What the build is for.</summary>
    public StageState Target { get; }

    /// <summary>The file's stages in their order, then what else files are taken from.</summary>
    public IReadOnlyList<StageState> All => _all;

    /// <summary>The names that stages are known by.</summary>
    public IReadOnlyList<string> Names => [.. _all.Select(static stage => stage.DisplayName).Where(static name => name.Length > 0)];

    /// <summary>The stages that the target needs, itself included; all of them where all are to be looked at.</summary>
    public IReadOnlyList<StageState> Needed()
    {
        if (_context.Spec.AllStages)
            return [.. _all];
        var needed = new HashSet<StageState>();
        var open = new Stack<StageState>([Target]);
        while (open.TryPop(out var stage))
        {
            if (!needed.Add(stage))
                continue;
            if (stage.Base is { } parent)
                open.Push(parent);
            foreach (var (source, _) in stage.Dependencies)
                open.Push(source);
        }
        return [.. _all.Where(needed.Contains)];
    }

    /// <summary>Puts triggers in front of a stage's instructions.</summary>
    /// <returns>Whether they take files from somewhere.</returns>
    /// <exception cref="GantryException">Invalid: a trigger cannot be read.</exception>
    public bool AddTriggers(StageState stage, IReadOnlyList<string> triggers)
    {
        List<StageCommand> commands = [];
        foreach (var trigger in triggers)
        {
            var instruction = DockerfileParser.ParseInstruction(trigger) with { Lines = stage.Lines };
            commands.Add(Command(stage, instruction, isTrigger: true));
        }
        stage.Commands = [.. commands, .. stage.Commands];
        stage.StepCount += commands.Count;
        return commands.Exists(static command => command.Sources.Count > 0);
    }

    private StageState Begin(Stage stage, int number)
    {
        var match = _context.Expander.Expand(stage.Base, _context.Globals.Find);
        ReportUnknown(match, stage);
        if (match.Text.Length == 0)
            throw Invalid($"base name ({stage.Base}) should not be blank");
        var platform = stage.Platform is { Length: > 0 } written ? FromPlatform.Read(written, stage, _context, ReportUnknown) : null;
        var replacement = stage.Name is { } name ? _named.Find(name, platform) : null;
        var parent = replacement is null ? _byName.GetValueOrDefault(match.Text) : null;
        return new()
        {
            BaseName = match.Text,
            Name = stage.Name,
            DisplayName = stage.Name ?? string.Create(CultureInfo.InvariantCulture, $"stage-{number}"),
            Lines = stage.Lines,
            Comments = stage.Comments,
            Base = parent,
            Platform = platform,
            Replacement = replacement,
            IgnoresCache = _context.Build.NoCache || (stage.Name is not null && _context.Build.NoCacheStages.Contains(stage.Name, StringComparer.OrdinalIgnoreCase)),
            StepCount = replacement is not null ? 0
                : (match.Text != "scratch" && parent is null ? 1 : 0) + stage.Instructions.Count(static i => i is CopyInstruction or RunInstruction or WorkdirInstruction),
        };
    }

    private void ReportUnknown(Expansion match, Stage stage)
    {
        List<string> known = [.. _context.GlobalNames.Order(StringComparer.Ordinal)];
        foreach (var name in match.Unmatched.Except(known).Order(StringComparer.Ordinal))
            _context.Report.Add(LintRules.UndefinedArgInFrom, LintMessages.UndefinedArgInFrom(name, known), stage);
    }

    private StageState Add(StageState stage)
    {
        _all.Add(stage);
        if (stage.Name is { } name)
            _byName[name] = stage;
        return stage;
    }

    private StageState FindTarget()
    {
        if (_context.Build.Target is not { Length: > 0 } target)
            return _all[^1];
        if (_byName.TryGetValue(target.ToLowerInvariant(), out var named))
            return named;
        // A number does as well, as with the classic builder.
        if (int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < _all.Count)
            return _all[number];
        throw Invalid($"target stage {GoText.Quote(target)} could not be found{Suggestion.For(target, Names)}");
    }

    private StageCommand Command(StageState stage, Instruction instruction, bool isTrigger)
    {
        IReadOnlyList<StageState?> sources = instruction switch
        {
            CopyInstruction { From: { Length: > 0 } from } => [CopySource(from, instruction)],
            RunInstruction run => [.. run.Mounts.Select(mount => MountSource(mount, instruction))],
            _ => [],
        };
        foreach (var source in sources)
        {
            if (source is not null && !stage.Dependencies.Exists(d => d.Stage == source))
                stage.Dependencies.Add((source, instruction));
        }
        return new(instruction, sources, isTrigger);
    }

    private StageState CopySource(string from, Instruction instruction)
    {
        if (_context.Expander.Expand(from, static _ => null).Text != from)
            throw Invalid("variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround");
        if (int.TryParse(from, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number >= 0 && number < _all.Count ? _all[number] : throw Invalid($"invalid stage index {number}");
        return _byName.GetValueOrDefault(from.ToLowerInvariant()) ?? Unregistered(from, instruction);
    }

    private StageState? MountSource(MountText mount, Instruction instruction) =>
        mount.From is { } from ? _byName.GetValueOrDefault(from.ToLowerInvariant()) ?? Unregistered(from, instruction) : null;

    private StageState Unregistered(string from, Instruction instruction) =>
        Add(new() { BaseName = from, Lines = instruction.Lines, Comments = instruction.Comments, IsUnregistered = true });

    private void CheckCircles()
    {
        var done = new HashSet<StageState>();
        var path = new HashSet<StageState>();
        foreach (var stage in _all)
            Visit(stage, null);

        void Visit(StageState stage, Instruction? by)
        {
            if (path.Contains(stage))
                throw Located.Invalid($"circular dependency detected on stage: {stage.DisplayName}", by?.Lines ?? stage.Lines, _context);
            if (!done.Add(stage))
                return;
            path.Add(stage);
            foreach (var (source, instruction) in stage.Dependencies)
                Visit(source, instruction);
            path.Remove(stage);
        }
    }

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}

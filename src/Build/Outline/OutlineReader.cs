using Gantry.Model.Patterns;

namespace Gantry.Build;

/// <summary>Finds out what a target takes: build arguments, secrets, SSH agents.</summary>
/// <remarks>
/// No image is looked at, so what base images set is not there for defaults that use it.
/// Source: moby/buildkit frontend/dockerfile/dockerfile2llb/outline.go and dispatchArg.
/// </remarks>
public sealed class OutlineReader
{
    private readonly CompileContext _context;
    private readonly StageGraph _graph;
    private readonly Dictionary<string, OutlineArgument> _globals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<string>> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<StageState, VariableList> _variables = [];
    private readonly Dictionary<string, OutlineArgument> _arguments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutlineSecret> _secrets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutlineSecret> _agents = new(StringComparer.Ordinal);

    private OutlineReader(CompileContext context)
    {
        _context = context;
        GlobalArguments.Read(context);
        _graph = new StageGraph(context, new NamedContexts(context));
    }

    /// <summary>The outline of a build's target.</summary>
    /// <param name="text">The file that was read.</param>
    /// <exception cref="Model.GantryException">Invalid: the file says what cannot be, or has no such target.</exception>
    public static BuildOutline Read(CompileSpec spec, ReadOnlyMemory<byte> text) =>
        new OutlineReader(new CompileContext(spec, new Dictionary<string, ContextUse>())).Read(text);

    private BuildOutline Read(ReadOnlyMemory<byte> text)
    {
        ReadGlobals();
        Visit(_graph.Target, []);
        var target = StageOf(_graph.Target);
        return new()
        {
            Name = target?.Name,
            Description = target?.Comment,
            Arguments = Sorted(_arguments.Values, static argument => argument.Location),
            Secrets = Sorted(_secrets.Values, static secret => secret.Location),
            Agents = Sorted(_agents.Values, static agent => agent.Location),
            Sources = [text],
        };
    }

    private void ReadGlobals()
    {
        var later = _context.Spec.Dockerfile.GlobalArguments.SelectMany(static instruction => instruction.Arguments).Select(static argument => argument.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var instruction in _context.Spec.Dockerfile.GlobalArguments)
        {
            foreach (var argument in instruction.Arguments)
            {
                _globals[argument.Name] = Describe(argument, _context.Globals.Find(argument.Name), instruction);
                // Whoever looks at it looks at the arguments that its default is made of: those above it.
                if (argument.Value is { } written && _context.FindArgument(argument.Name) is null)
                    _parts[argument.Name] = _context.Expander.Expand(written, name => later.Contains(name) ? null : _context.Globals.Find(name)).Matched;
                later.Remove(argument.Name);
            }
        }
    }

    // What a stage takes comes before what those take that it needs: of two of one name, the first is told.
    private void Visit(StageState state, HashSet<StageState> visited)
    {
        if (!visited.Add(state))
            return;
        ReadStage(state);
        if (state.Base is { } parent)
            Visit(parent, visited);
        foreach (var (source, _) in state.Dependencies)
            Visit(source, visited);
    }

    private void ReadStage(StageState state)
    {
        if (StageOf(state) is not { } stage)
            return;
        var own = new Dictionary<string, OutlineArgument>(_globals, StringComparer.Ordinal);
        var used = new HashSet<string>(Expand(stage.Base, _context.Globals).Matched, StringComparer.Ordinal);
        if (stage.Platform is not null)
            used.UnionWith(Expand(stage.Platform, _context.Globals).Matched);
        foreach (var instruction in state.Replacement is null ? stage.Instructions : [])
        {
            if (instruction is ArgInstruction arg)
                ReadArguments(arg, VariablesBefore(state, instruction), own, used);
            else if (instruction is RunInstruction run)
                ReadMounts(run, VariablesBefore(state, instruction));
        }
        var open = new Stack<string>(used);
        while (open.TryPop(out var name))
        {
            foreach (var part in _parts.GetValueOrDefault(name) ?? new HashSet<string>())
            {
                if (used.Add(part))
                    open.Push(part);
            }
        }
        foreach (var name in used)
        {
            if (own.TryGetValue(name, out var argument))
                _arguments.TryAdd(name, argument);
        }
    }

    private void ReadArguments(ArgInstruction arg, VariableList variables, Dictionary<string, OutlineArgument> own, HashSet<string> used)
    {
        foreach (var argument in arg.Arguments)
        {
            used.Add(argument.Name);
            // One that only lets in a global argument is that argument.
            if (argument.Value is null && _context.FindArgument(argument.Name) is null && _context.Globals.Find(argument.Name) is not null)
                continue;
            own[argument.Name] = Describe(argument, ValueOf(argument, variables), arg);
        }
    }

    private void ReadMounts(RunInstruction run, VariableList variables)
    {
        foreach (var text in run.Mounts)
        {
            var mount = Located.Do(run.Lines, _context, () => MountFlagParser.Parse(text.Text, value => Expand(value, variables).Text));
            if (mount.Kind == StepMountKind.Secret)
                Add(_secrets, mount.Source ?? mount.Id ?? GoPath.NameOf(mount.Target ?? string.Empty));
            else if (mount.Kind == StepMountKind.Ssh)
                Add(_agents, mount.Id ?? "default");

            void Add(Dictionary<string, OutlineSecret> needs, string name) =>
                needs.TryAdd(name, new() { Name = name, Required = mount.Required, Location = FileLocation.Of(run.Lines) });
        }
    }

    // ENV and ARG of the stages that it begins with, then its own up to the instruction; null: all of its own.
    private VariableList VariablesBefore(StageState state, Instruction? end)
    {
        if (end is null && _variables.TryGetValue(state, out var known))
            return known;
        var variables = state.Base is { } parent ? VariablesBefore(parent, null).Clone() : new VariableList();
        foreach (var instruction in StageOf(state)?.Instructions.TakeWhile(instruction => instruction != end) ?? [])
        {
            if (instruction is EnvInstruction env)
            {
                foreach (var (name, value) in env.Variables.Select(pair => (Expand(pair.Name, variables).Text, Expand(pair.Value ?? string.Empty, variables).Text)).ToList())
                    variables.Set(name, value);
            }
            else if (instruction is ArgInstruction arg)
            {
                foreach (var argument in arg.Arguments)
                {
                    if (ValueOf(argument, variables) is { } value)
                        variables.Set(argument.Name, value);
                }
            }
        }
        if (end is null)
            _variables[state] = variables;
        return variables;
    }

    private string? ValueOf(Assignment argument, VariableList variables) =>
        _context.FindArgument(argument.Name) ?? (argument.Value is { } written ? Expand(written, variables).Text : _context.Globals.Find(argument.Name));

    private Expansion Expand(string text, VariableList variables) => _context.Expander.Expand(text, variables.Find);

    // The graph has the file's stages in their order, before what else files are taken from.
    private Stage? StageOf(StageState state)
    {
        var stages = _context.Spec.Dockerfile.Stages;
        var place = _graph.All.TakeWhile(other => other != state).Count();
        return place < stages.Count ? stages[place] : null;
    }

    private static OutlineArgument Describe(Assignment argument, string? value, Instruction instruction) => new()
    {
        Name = argument.Name,
        Description = argument.Comment,
        Value = string.IsNullOrEmpty(value) ? null : value,
        Location = FileLocation.Of(instruction.Lines),
    };

    private static IReadOnlyList<T>? Sorted<T>(ICollection<T> items, Func<T, FileLocation?> where) =>
        items.Count == 0 ? null : [.. items.OrderBy(item => where(item)?.Ranges?[0].Start.Line ?? 0)];
}

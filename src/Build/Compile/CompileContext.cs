using Gantry.Model.Images;
using Gantry.Model.Patterns;

namespace Gantry.Build;

/// <summary>What all stages of one compilation share.</summary>
internal sealed class CompileContext
{
    private readonly Dictionary<string, ContextUse> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContextUse> _known;

    /// <param name="known">What of each context is used, as an earlier pass found; empty: that is not known, so all of it is.</param>
    public CompileContext(CompileSpec spec, IReadOnlyDictionary<string, ContextUse> known)
    {
        Spec = spec;
        _known = new(known);
        Report = new(spec.Dockerfile);
        Expander = new(spec.Dockerfile.Directives.Escape);
        HostPlatform = BuildPlatform.Parse(spec.HostPlatform, new() { Os = "linux", Architecture = "amd64" });
        TargetPlatform = spec.Platform is { } platform ? BuildPlatform.Parse(platform, HostPlatform) : HostPlatform;
        Ignored = spec.Ignored.TryGetValue(spec.Build.Context, out var patterns) && patterns.Count > 0 ? PatternMatcher.Parse(patterns) : null;
    }

    public CompileSpec Spec { get; }

    public BuildSpec Build => Spec.Build;

    public LintReport Report { get; }

    /// <summary>Replaces variables as this file's escape character wants it.</summary>
    public Expander Expander { get; }

    public Platform HostPlatform { get; }

    public Platform TargetPlatform { get; }

    /// <summary>The ARGs before the first FROM, and those that are always there.</summary>
    public VariableList Globals { get; set; } = new();

    /// <summary>The names of <see cref="Globals"/>, and of ARGs before the first FROM that have no value.</summary>
    public HashSet<string> GlobalNames { get; } = new(StringComparer.Ordinal);

    /// <summary>The time that everything in the image has: SOURCE_DATE_EPOCH, or that of the context's commit; null: neither is there.</summary>
    public DateTimeOffset? Epoch { get; set; }

    /// <summary>SOURCE_DATE_EPOCH, which steps that copy give to their files at once; null: it is not given.</summary>
    /// <remarks>A commit's time is set when the image is exported: as a part of the steps' keys it would end the cache with each commit.</remarks>
    public DateTimeOffset? StepTime { get; set; }

    /// <summary>What the context's .dockerignore file leaves out; null: nothing.</summary>
    public PatternMatcher? Ignored { get; }

    /// <summary>What was found to be used of each context.</summary>
    public IReadOnlyDictionary<string, ContextUse> Uses => _uses;

    /// <summary>What <c>--build-arg</c> says; null: nothing.</summary>
    public string? FindArgument(string name) => Build.Arguments.GetValueOrDefault(name);

    /// <summary>What is noted of the use of one of the session's directories.</summary>
    public ContextUse UseOf(string context)
    {
        if (!_uses.TryGetValue(context, out var use))
            _uses[context] = use = new();
        return use;
    }

    /// <summary>One of the session's directories.</summary>
    public LocalContext Directory(string context, string name) => new()
    {
        Name = name,
        Context = context,
        Session = Spec.Session,
        Excludes = Spec.Ignored.GetValueOrDefault(context) ?? [],
        FollowPaths = _known.TryGetValue(context, out var use) ? use.FollowPaths : [],
    };
}

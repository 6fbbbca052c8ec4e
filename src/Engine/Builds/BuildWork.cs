using Gantry.Build;
using Gantry.Distribution;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>What one build, or one question about a build, works with until it is over.</summary>
internal sealed class BuildWork(BuildSpec spec, IBuildSession session) : IDisposable
{
    public required Lease Lease { get; init; }

    /// <summary>While it lasts, what this build relies on stays in the cache.</summary>
    public required IDisposable Use { get; init; }

    public required BuildContexts Contexts { get; init; }

    public required SourceFetch Fetch { get; init; }

    public required BuildImages Images { get; init; }

    public required StepRunner Runner { get; init; }

    public required BuildDefinition Definition { get; init; }

    /// <summary>What is built for, each once; null: nobody said.</summary>
    public IReadOnlyList<string?> Platforms { get; } = spec.Platforms.Count == 0 ? [null] : [.. spec.Platforms.Distinct()];

    /// <summary>What is to be compiled of the Dockerfile.</summary>
    /// <param name="ignored">What the contexts leave out, by their names.</param>
    /// <param name="platform">One of <see cref="Platforms"/>; null: the host's.</param>
    public CompileSpec Specify(Dockerfile dockerfile, IReadOnlyDictionary<string, IReadOnlyList<string>> ignored, string? platform) => new()
    {
        Dockerfile = dockerfile,
        Build = spec,
        Session = session.Id,
        HostPlatform = PlatformChoice.Text(PlatformChoice.Host),
        Platform = platform,
        IsMultiPlatform = Platforms.Count > 1,
        Ignored = ignored,
        ContextIsArchive = Definition.ContextIsArchive,
        CommitTime = Definition.Remote is { } remote ? Fetch.CommitTimeOf(remote) : null,
    };

    public void Dispose()
    {
        Fetch.Dispose();
        Contexts.Dispose();
        Use.Dispose();
        Lease.Dispose();
    }
}

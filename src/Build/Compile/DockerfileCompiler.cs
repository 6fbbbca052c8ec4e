using Gantry.Model;

namespace Gantry.Build;

/// <summary>Makes a Dockerfile into a build's graph and an image's configuration, for one platform.</summary>
/// <param name="images">Knows what stages begin with.</param>
/// <remarks>
/// Source: moby/buildkit frontend/dockerfile/dockerfile2llb, whose names of steps, words of the history and failures this keeps.
/// </remarks>
public sealed class DockerfileCompiler(IBaseImages images)
{
    /// <summary>Compiles.</summary>
    /// <exception cref="GantryException">
    /// Invalid: the file says what cannot be. NotFound: a base image is not there. Forbidden: it wants what the build may not do. Where
    /// a line is to blame, the cause is a <see cref="DockerfileException"/>.
    /// </exception>
    public async Task<CompiledBuild> CompileAsync(CompileSpec spec, CancellationToken cancellationToken)
    {
        // What is used of a context is known when all instructions have been gone through, and then it is too late: the vertices
        // know each other by what they are. So this is done again with what was found.
        var found = new CompileContext(spec, new Dictionary<string, ContextUse>());
        var compiled = await CompileAsync(found, cancellationToken);
        return found.Uses.Values.All(static use => use.FollowPaths.Count == 0)
            ? compiled
            : await CompileAsync(new CompileContext(spec, found.Uses), cancellationToken);
    }

    private async Task<CompiledBuild> CompileAsync(CompileContext context, CancellationToken cancellationToken)
    {
        GlobalArguments.Read(context);
        var named = new NamedContexts(context);
        var graph = new StageGraph(context, named);
        foreach (var stage in await new BaseResolver(context, graph, named, images).ResolveAsync(cancellationToken))
        {
            if (!stage.IsDone)
                StageCompiler.Compile(stage, context);
        }
        var target = graph.Target;
        // Whoever gets the tree gets all of it.
        target.Context?.AddAll();
        foreach (var (name, value) in context.Build.Labels)
            target.Image.Labels[name] = value;
        context.Report.EnsureAccepted();
        SetPlatform(target, context);
        return new()
        {
            Dockerfile = context.Spec.Dockerfile,
            Target = target.Tree,
            Configuration = target.Image.ToConfiguration(),
            Platform = BuildPlatform.Text(target.Platform ?? context.TargetPlatform),
            Created = context.Epoch,
            Warnings = [.. context.Report.Warnings.OrderBy(static warning => warning.Lines?.First ?? 0)],
        };
    }

    // What was asked for, whatever the base image says of itself.
    private static void SetPlatform(StageState target, CompileContext context)
    {
        var image = target.Image;
        if (context.Spec.Platform is not null)
        {
            var wanted = context.TargetPlatform;
            var isSame = image.Os == wanted.Os && image.Architecture == wanted.Architecture;
            (image.Os, image.Architecture) = (wanted.Os, wanted.Architecture);
            if (wanted.Variant is not null || !isSame)
                image.Variant = wanted.Variant;
            if (!isSame)
                image.OsVersion = wanted.OsVersion;
        }
        if (image.Architecture.Length == 0)
            return;
        var normal = BuildPlatform.Normalize(new() { Os = image.Os, Architecture = image.Architecture, Variant = image.Variant });
        (image.Architecture, image.Variant) = (normal.Architecture, normal.Variant);
    }
}

using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>Finds what stages begin with.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb, resolveReachableStages, resolveBaseImage.</remarks>
internal sealed class BaseResolver(CompileContext context, StageGraph graph, NamedContexts named, IBaseImages images)
{
    private static readonly string[] _commonImages = ["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"];

    /// <summary>Resolves all that the target needs, and what triggers of base images need in turn.</summary>
    /// <returns>The stages that the target needs, in order.</returns>
    /// <exception cref="GantryException">NotFound: an image is not there. Invalid: a name or a trigger cannot be.</exception>
    public async Task<IReadOnlyList<StageState>> ResolveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var needed = graph.Needed();
            var open = needed.Where(static stage => stage is { Base: null, IsResolved: false }).ToList();
            // Images of all stages at once; they are looked at in the stages' order, so that steps get their numbers in it.
            var found = open.Select(stage => FindAsync(stage, cancellationToken)).ToList();
            await Task.WhenAll(found);
            foreach (var (stage, task) in open.Zip(found))
            {
                stage.IsResolved = true;
                Begin(stage, await task);
            }
            var isLarger = false;
            foreach (var stage in needed)
                isLarger |= Located.Do(stage.Lines, context, () => AddTriggers(stage));
            if (!isLarger)
                return needed;
        }
    }

    private static GantryException Hinted(GantryException failure, string name, IReadOnlyList<string> stages)
    {
        List<string> known = [.. stages, .. _commonImages.SelectMany(static image => (string[])[image, image + ":latest"])];
        return GantryException.Of(failure.Kind, $"{name}: {failure.Message}{Suggestion.For(name, known)}", failure.Launch, failure.InnerException);
    }

    private bool AddTriggers(StageState stage)
    {
        if (stage.HasTriggersOfBase)
            return false;
        stage.HasTriggersOfBase = true;
        List<string> triggers = stage.Base is { } parent
            ? [.. parent.Commands.Select(static command => command.Instruction).OfType<OnbuildInstruction>().Select(static onbuild => onbuild.Trigger)]
            : [.. stage.Image.Triggers];
        // They are run here, and not handed on.
        stage.Image.Triggers.Clear();
        return triggers.Count > 0 && stage.Replacement is null && graph.AddTriggers(stage, triggers);
    }

    private async Task<FoundBase> FindAsync(StageState stage, CancellationToken cancellationToken)
    {
        var platform = stage.Platform ?? context.TargetPlatform;
        try
        {
            if (stage.Replacement is { } replacement)
                return new(null, await named.LoadAsync(replacement, stage, platform, images, cancellationToken));
            if (stage.BaseName == "scratch")
                return new(null, null);
            if (!ImageReference.TryParse(stage.BaseName, out var reference))
                throw GantryException.Of(ErrorKind.Invalid, $"failed to parse stage name {GoText.Quote(stage.BaseName)}: {Problem(stage.BaseName)}");
            if (named.Find(stage.BaseName, platform) is { } given)
                return new(null, await named.LoadAsync(given, stage, platform, images, cancellationToken));
            try
            {
                var image = await images.ResolveAsync(reference.WithDefaultTag().ToString(), BuildPlatform.Text(platform), cancellationToken);
                return new(image, image.Configuration);
            }
            catch (GantryException failure)
            {
                throw Hinted(failure, stage.BaseName, graph.Names);
            }
        }
        catch (GantryException failure)
        {
            throw Located.Of(failure, stage.Lines, context);
        }
    }

    private static string Problem(string name)
    {
        try
        {
            return ImageReference.Parse(name).ToString();
        }
        catch (GantryException failure)
        {
            return failure.Message;
        }
    }

    private void Begin(StageState stage, FoundBase found)
    {
        var platform = stage.Platform ?? context.TargetPlatform;
        stage.Image = found.Configuration is { } configuration ? ImageDraft.Of(configuration) : ImageDraft.Empty(platform);
        if (found.Image is { } image)
        {
            if (stage.Platform is null && context.Spec.Platform is null)
                platform = Detect(image.Configuration, platform);
            BeginWithImage(stage, image, platform);
        }
        else if (stage.Replacement is not null && found.Configuration is { Os: { } os, Architecture: { } architecture } of)
        {
            platform = new() { Os = os, Architecture = architecture, Variant = of.Variant, OsVersion = of.OsVersion };
        }
        stage.Platform = platform;
        // Nothing is to be done to it before others take from it.
        stage.IsDone = stage.IsUnregistered || stage.Replacement is not null;
    }

    private void BeginWithImage(StageState stage, BaseImage image, Platform platform)
    {
        var history = image.Configuration.History ?? [];
        if (image.Configuration.RootFs.DiffIds.Count == 0 && history.All(static entry => entry.EmptyLayer))
            return;
        var text = BuildPlatform.Text(platform);
        stage.Tree = new ImageSource { Name = StepNames.Next(stage, "FROM " + image.Reference, isTrigger: false, context), Lines = stage.Lines, Reference = image.Reference, Platform = text };
        var actual = BuildPlatform.Normalize(new() { Os = image.Configuration.Os ?? string.Empty, Architecture = image.Configuration.Architecture ?? string.Empty, Variant = image.Configuration.Variant });
        var wanted = BuildPlatform.Normalize(platform);
        if (actual.Os == wanted.Os && actual.Architecture == wanted.Architecture)
            return;
        var message = LintMessages.InvalidBaseImagePlatform(stage.BaseName, BuildPlatform.Text(wanted), BuildPlatform.Text(actual));
        context.Report.Add(LintRules.InvalidBaseImagePlatform, message, stage.Lines, stage.Comments);
    }

    // Nobody asked for a platform: what the image is for is right, where this machine builds for it.
    private Platform Detect(ImageConfiguration image, Platform wanted) =>
        image.Os == context.HostPlatform.Os && image.Architecture == context.HostPlatform.Architecture ? context.HostPlatform : wanted;

    private readonly record struct FoundBase(BaseImage? Image, ImageConfiguration? Configuration);
}

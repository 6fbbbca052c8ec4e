using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>The <c>--build-context</c>s of a build.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerui/namedcontext.go.</remarks>
internal sealed class NamedContexts(CompileContext context)
{
    private const string Image = "docker-image:";
    private const string Local = "local:";
    private const string Input = "input:";

    /// <summary>What takes the place of a stage or an image; null: nothing does.</summary>
    /// <param name="platform">For which; null: the build's.</param>
    public NamedContext? Find(string name, Platform? platform)
    {
        if (context.Build.NamedContexts.Count == 0 || name.Equals("scratch", StringComparison.OrdinalIgnoreCase) || name.Equals("context", StringComparison.OrdinalIgnoreCase))
            return null;
        if (!ImageReference.TryParse(name, out var reference))
            throw GantryException.Of(ErrorKind.Invalid, $"invalid context name {name}");
        var familiar = reference.Familiar;
        if (familiar.EndsWith(":latest", StringComparison.Ordinal))
            familiar = familiar[..^":latest".Length];
        var exact = $"{familiar}::{BuildPlatform.Text(platform ?? context.TargetPlatform)}";
        return context.Build.NamedContexts.TryGetValue(exact, out var location) ? new(exact, location)
            : context.Build.NamedContexts.TryGetValue(familiar, out location) ? new(familiar, location)
            : null;
    }

    /// <summary>Makes a context a stage's beginning.</summary>
    /// <param name="images">Knows the images that contexts may be.</param>
    /// <returns>The image's configuration; null: it is no image.</returns>
    /// <exception cref="GantryException">Invalid: it says nothing that can be one. NotFound: there is no such image.</exception>
    public async Task<ImageConfiguration?> LoadAsync(NamedContext named, StageState stage, Platform platform, IBaseImages images, CancellationToken cancellationToken)
    {
        var location = named.Location;
        if (location.StartsWith(Image, StringComparison.Ordinal) || location.StartsWith(Input, StringComparison.Ordinal) || location.StartsWith(LayoutReference.Prefix, StringComparison.Ordinal))
            return await LoadImageAsync(named, stage, platform, images, cancellationToken);
        if (location.StartsWith(Local, StringComparison.Ordinal))
        {
            var directory = location[Local.Length..];
            stage.Tree = context.Directory(directory, $"[context {named.Name}] load from client");
            stage.Context = context.UseOf(directory);
            return null;
        }
        stage.Tree = RemoteContext.Find(location, $"[context {named.Name}] {location}", stage.Lines)
            ?? throw GantryException.Of(ErrorKind.Invalid, $"unsupported context source {location.Split(':')[0]} for {named.Name}");
        return null;
    }

    private static async Task<ImageConfiguration?> LoadImageAsync(NamedContext named, StageState stage, Platform platform, IBaseImages images, CancellationToken cancellationToken)
    {
        var reference = named.Location.StartsWith(Image, StringComparison.Ordinal) ? named.Location[Image.Length..].TrimStart('/') : named.Location;
        if (reference == "scratch")
        {
            stage.Tree = null;
            return null;
        }
        var image = await images.ResolveAsync(reference, BuildPlatform.Text(platform), cancellationToken);
        stage.Tree = new ImageSource
        {
            Name = $"[context {named.Name}] {reference}",
            Lines = stage.Lines,
            Reference = image.Reference,
            Platform = BuildPlatform.Text(platform),
        };
        return image.Configuration;
    }
}

using Gantry.Api.Streams;
using Gantry.Engine.Images;
using Gantry.Engine.Operations;
using Gantry.Model;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Images;

/// <summary>Images: pull, import, load, list, inspect, history, tag, remove.</summary>
internal static class ImageHandlers
{
    /// <summary><c>fromImage</c> pulls, <c>fromSrc</c> imports.</summary>
    public static Task CreateAsync(Exchange exchange) => exchange.Query.TextOrNull("fromImage") is { } image ? PullAsync(exchange, image) : ImportAsync(exchange);

    public static Task LoadAsync(Exchange exchange)
    {
        var platform = PlatformText.Parse(exchange.Query.TextOrNull("platform"));
        var quiet = exchange.Query.Flag("quiet");
        return ProgressStream.RunAsync(exchange, (progress, cancellationToken) =>
            exchange.Engine.Images.LoadAsync(exchange.Http.Request.Body, platform, quiet, progress, cancellationToken));
    }

    public static async Task ListAsync(Exchange exchange)
    {
        var filters = exchange.Query.Filters();
        // Source: moby; before API 1.41 a name was given in a parameter of its own.
        if (exchange.Query.TextOrNull("filter") is { } name && filters["reference"].Count == 0)
            filters = Filters.Of([.. filters.Keys.SelectMany(k => filters[k].Select(v => (k, v))), ("reference", name)]);
        var query = new ImageListQuery { All = exchange.Query.Flag("all"), Filters = filters, SharedSize = exchange.Query.Flag("shared-size") };
        await exchange.WriteJsonAsync(await exchange.Engine.Images.ListAsync(query, exchange.Requested));
    }

    public static async Task InspectAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Images.InspectAsync(exchange["name"], exchange.Requested));

    public static async Task HistoryAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Images.HistoryAsync(exchange["name"], exchange.Requested));

    public static async Task TagAsync(Exchange exchange)
    {
        var reference = NameAndTag(exchange.Query.Text("repo"), exchange.Query.Text("tag"));
        if (reference.Digest is not null)
            throw GantryException.Of(ErrorKind.Invalid, "refusing to create a tag with a digest reference"); // Source: moby daemon/images
        if (reference.FamiliarName == "sha256")
            throw GantryException.Of(ErrorKind.Invalid, "refusing to create an ambiguous tag using digest algorithm as name"); // Source: moby reference/store
        await exchange.Engine.Images.TagAsync(exchange["name"], reference.WithDefaultTag(), exchange.Requested);
        await exchange.Answer(StatusCodes.Status201Created);
    }

    public static async Task RemoveAsync(Exchange exchange)
    {
        var name = exchange["name"];
        if (string.IsNullOrWhiteSpace(name))
            throw GantryException.Of(ErrorKind.Invalid, "image name cannot be blank"); // Source: moby daemon/server/router/image
        await exchange.WriteJsonAsync(await exchange.Engine.Images.RemoveAsync(name, exchange.Query.Flag("force"), exchange.Query.Flag("noprune"), exchange.Requested));
    }

    /// <summary>Joins the two parameters in which names travel. A tag may be a digest.</summary>
    /// <exception cref="GantryException">Invalid: not a name, or not a tag.</exception>
    internal static ImageReference NameAndTag(string name, string tag)
    {
        var reference = ImageReference.Parse(name.TrimEnd(':')); // "pull --all-tags" of old clients sends a colon at the end
        if (tag.Length == 0)
            return reference;
        return Digest.TryParse(tag, out var digest) ? reference.WithDigest(digest) : reference.WithTag(tag);
    }

    private static Task PullAsync(Exchange exchange, string image)
    {
        var reference = NameAndTag(image, exchange.Query.Text("tag"));
        var platform = PlatformText.Parse(exchange.Query.TextOrNull("platform"));
        var credentials = RegistryAuth.Read(exchange.Http.Request.Headers);
        // A name alone means all its tags: clients that want one say which.
        var pullsAll = reference is { Tag: null, Digest: null };
        return ProgressStream.RunAsync(exchange, (progress, cancellationToken) => pullsAll
            ? exchange.Engine.Images.PullAllAsync(reference, platform, credentials, progress, cancellationToken)
            : exchange.Engine.Images.PullAsync(reference, platform, credentials, progress, cancellationToken));
    }

    private static Task ImportAsync(Exchange exchange)
    {
        var source = exchange.Query.Text("fromSrc");
        if (source.Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, "nothing to create an image from: give fromImage (pull) or fromSrc (import)");
        if (source != "-")
            throw GantryException.Of(ErrorKind.NotSupported, $"cannot import from {source}: the engine does not download archives; type: curl -L URL | gantry import - NAME");
        var repository = exchange.Query.Text("repo");
        var spec = new ImageImportSpec
        {
            Reference = repository.Length == 0 ? null : NameAndTag(repository, exchange.Query.Text("tag")).WithDefaultTag(),
            Message = exchange.Query.TextOrNull("message"),
            Changes = exchange.Query.Many("changes"),
            Platform = PlatformText.Parse(exchange.Query.TextOrNull("platform")),
            Source = source,
        };
        return ProgressStream.RunAsync(exchange, (progress, cancellationToken) =>
            exchange.Engine.Images.ImportAsync(exchange.Http.Request.Body, spec, progress, cancellationToken));
    }
}

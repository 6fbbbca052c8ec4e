using System.Text.Json;

namespace Gantry.Client;

/// <summary>Calls about images.</summary>
/// <remarks>Source: Engine API, section Image.</remarks>
public sealed class ImageCalls(EngineTransport transport)
{
    /// <summary>Pulls an image.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="tag">Tag or digest; null: all tags.</param>
    /// <param name="platform">As in <c>linux/arm64</c>; null: the engine's.</param>
    /// <param name="registryAuth">X-Registry-Auth; null: nobody.</param>
    /// <returns>The objects of the progress stream; an <c>error</c> in one of them is left to the caller.</returns>
    public IEnumerable<JsonElement> Pull(string name, string? tag, string? platform, string? registryAuth) =>
        JsonObjects.Read(transport.Send("POST", new Query("/images/create").With("fromImage", name).With("platform", string.IsNullOrEmpty(platform) ? null : platform).With("tag", tag).ToString(), null, registryAuth));

    /// <summary>Makes an image of a root filesystem's archive.</summary>
    /// <param name="source">The archive; null when <paramref name="sourceUrl"/> names it.</param>
    /// <param name="sourceUrl">Where the engine fetches it.</param>
    /// <param name="reference">The new image's name; empty: none.</param>
    /// <param name="message">The commit message; empty: none.</param>
    /// <param name="changes">Dockerfile instructions.</param>
    /// <param name="platform">The image's platform; empty: the engine's.</param>
    public IEnumerable<JsonElement> Import(Stream? source, string? sourceUrl, string reference, string message, IReadOnlyList<string> changes, string platform)
    {
        var path = new Query("/images/create").WithEach("changes", changes).With("fromSrc", source is null ? sourceUrl : "-")
            .With("message", Given(message)).With("platform", Given(platform)).With("repo", Given(reference)).ToString();
        return JsonObjects.Read(source is null ? transport.Send("POST", path) : transport.SendStream("POST", path, source, "application/x-tar"));
    }

    /// <summary>Makes an image of what a container changed.</summary>
    /// <param name="reference">The new image's name; empty: none.</param>
    /// <param name="author">Who made it; empty: nobody says.</param>
    /// <param name="message">The commit message; empty: none.</param>
    /// <param name="pause">Whether the container's processes are frozen meanwhile.</param>
    /// <param name="changes">Dockerfile instructions.</param>
    /// <returns>The image's id.</returns>
    public string Commit(string container, string reference, string author, string message, bool pause, IReadOnlyList<string> changes)
    {
        var name = reference.Length == 0 ? null : Gantry.Model.ImageReference.Parse(reference).WithDefaultTag();
        var path = new Query("/commit").With("author", Given(author)).WithEach("changes", changes).With("comment", Given(message)).With("container", container)
            .With("pause", pause ? null : "0").With("repo", name?.FamiliarName).With("tag", name?.Tag).ToString();
        using var response = transport.Send("POST", path);
        using var json = EngineTransport.Parse(response);
        return json.RootElement.GetProperty("Id").GetString() ?? "";
    }

    /// <summary>Loads images from an archive that <c>save</c> made.</summary>
    public IEnumerable<JsonElement> Load(Stream archive, bool quiet, IReadOnlyList<string> platforms) =>
        JsonObjects.Read(transport.SendStream("POST", new Query("/images/load").WithEach("platform", platforms).With("quiet", quiet ? "1" : "0").ToString(), archive, "application/x-tar"));

    /// <summary>Lists images. The caller disposes the answer.</summary>
    public JsonDocument List(bool all = false, string? filters = null, bool sharedSize = false) =>
        transport.GetJson(new Query("/images/json").With("all", all).With("filters", filters).With("shared-size", sharedSize).ToString());

    /// <summary>Everything about an image, as the engine sent it.</summary>
    public byte[] Inspect(string name, string? platform = null) =>
        transport.GetBytes(new Query($"/images/{Query.ImagePath(name)}/json").With("platform", platform).ToString());

    /// <summary>The steps an image was made by, newest first.</summary>
    public JsonDocument History(string name, string? platform = null) =>
        transport.GetJson(new Query($"/images/{Query.ImagePath(name)}/history").With("platform", platform).ToString());

    /// <summary>Gives an image another name.</summary>
    public void Tag(string source, string repository, string tag) =>
        transport.Post(new Query($"/images/{Query.ImagePath(source)}/tag").With("repo", repository).With("tag", tag).ToString());

    /// <summary>Removes an image's name, and the image when that was its last.</summary>
    public JsonDocument Remove(string name, bool force = false, bool noPrune = false)
    {
        using var response = transport.Send("DELETE", new Query($"/images/{Query.ImagePath(name)}").With("force", force).With("noprune", noPrune).ToString());
        return EngineTransport.Parse(response);
    }

    private static string? Given(string text) => text.Length == 0 ? null : text;
}

using Gantry.Distribution;
using Gantry.Engine.Events;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>What all operations on images need.</summary>
internal sealed record ImageRoom(ContentStore Content, RegistryClient Registry, IImageUse Use, EventLog Events, TimeProvider Time)
{
    private const int MostKept = 64;

    // Parsed configurations, by id; content that never changes.
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Digest, ImageConfiguration> _configurations = new();

    /// <summary>An image's configuration.</summary>
    public ImageConfiguration ConfigurationOf(Digest id)
    {
        if (_configurations.TryGetValue(id, out var known))
            return known;
        var configuration = ImageDocuments.ReadConfiguration(Content.Blobs.Read(id, ImageDocuments.LargestConfiguration));
        if (_configurations.Count >= MostKept)
            _configurations.Clear();
        return _configurations[id] = configuration;
    }

    /// <summary>Tells everybody what happened to an image, with its labels.</summary>
    /// <remarks>Source: moby daemon/events.go, LogImageEvent.</remarks>
    public void Tell(string action, string id, string name, Digest? image)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (image is not null)
        {
            foreach (var (key, value) in ConfigurationOf(image.Value).Config?.Labels ?? new Dictionary<string, string>())
                attributes[key] = value;
        }

        attributes["name"] = name;
        Events.Publish("image", action, id, attributes);
    }
}

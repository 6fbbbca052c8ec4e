using Gantry.Cli.Templates;
using Gantry.Model;
using System.Globalization;
using System.Text.Json;

namespace Gantry.Cli.Output;

/// <summary>A container's row: one object, because a list has many of them and each page of memory is felt in a short command.</summary>
/// <param name="container">An element of the engine's list.</param>
/// <param name="full">Whether nothing is cut.</param>
/// <param name="now">What ages are counted to.</param>
/// <param name="virtualSize">Whether the size tells that of all its files, too.</param>
internal sealed class ContainerFields(JsonElement container, bool full, DateTimeOffset now, bool virtualSize = true) : ITemplateFields
{
    /// <summary>What Docker calls the row's type in messages.</summary>
    public const string Type = "*formatter.ContainerContext";

    private static readonly string[] _names =
    [
        "Command", "CreatedAt", "ID", "Image", "Labels", "LocalVolumes", "Mounts", "Names", "Networks", "Platform", "Ports", "RunningFor", "Size", "State", "Status",
    ];

    private readonly JsonElement _container = container;

    public string TypeName => Type;

    public IEnumerable<KeyValuePair<string, object?>> Fields
    {
        get
        {
            foreach (var name in _names)
            {
                TryGet(name, [], out var value);
                yield return new(name, value);
            }
        }
    }

    public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
    {
        if (name == "Label" && arguments is [string key])
        {
            value = Labels(_container).FirstOrDefault(l => l.Key == key).Value ?? "";
            return true;
        }
        value = name switch
        {
            "ID" => full ? JsonMember.Text(_container, "Id") : Ellipsis.ShortId(JsonMember.Text(_container, "Id")),
            "Names" => NamesOf(_container, full),
            "Image" => Image(_container, full),
            "Command" => GoText.Quote(full ? JsonMember.Text(_container, "Command") : Ellipsis.Cut(JsonMember.Text(_container, "Command"), 20)),
            "CreatedAt" => LocalTime.Text(Created),
            "RunningFor" => Units.Duration(now - Created) + " ago",
            "Ports" => _container.TryGetProperty("Ports", out var ports) ? PortText.Of(ports) : "",
            "State" => JsonMember.Text(_container, "State"),
            "Status" => JsonMember.Text(_container, "Status"),
            "Size" => SizeOf(_container, virtualSize),
            "Labels" => string.Join(',', Labels(_container).Select(static l => $"{l.Key}={l.Value}").Order(StringComparer.Ordinal)),
            "Mounts" => string.Join(',', Mounts(_container).Select(m => Mount(m, full))),
            "LocalVolumes" => Mounts(_container).Count(static m => JsonMember.Text(m, "Driver") == "local").ToString(CultureInfo.InvariantCulture),
            "Networks" => string.Join(',', Networks(_container)),
            _ => null,
        };
        return value is not null || name == "Platform";
    }

    private DateTimeOffset Created => DateTimeOffset.FromUnixTimeSeconds(Number(_container, "Created"));

    private static string NamesOf(JsonElement container, bool full)
    {
        if (!container.TryGetProperty("Names", out var names) || names.ValueKind != JsonValueKind.Array)
            return "";
        // A second slash is a link's name in another container: shown only when everything is.
        var all = names.EnumerateArray().Select(static n => (n.GetString() ?? "").TrimStart('/'));
        return string.Join(',', full ? all : all.Where(static n => !n.Contains('/', StringComparison.Ordinal)));
    }

    private static string Image(JsonElement container, bool full)
    {
        var image = JsonMember.Text(container, "Image");
        if (image.Length == 0)
            return "<no image>";
        if (full)
            return image;
        var id = JsonMember.Text(container, "ImageID");
        if (id.Length > 0 && Ellipsis.ShortId(id) == Ellipsis.ShortId(image))
            return Ellipsis.ShortId(image);
        return ImageReference.TryParse(image, out var reference) && reference is { Tag: not null, Digest: null } ? reference.Familiar : image;
    }

    private static string SizeOf(JsonElement container, bool virtualSize)
    {
        var (own, all) = (Number(container, "SizeRw"), Number(container, "SizeRootFs"));
        return Units.Size(own, 3) + (virtualSize && all > 0 ? $" (virtual {Units.Size(all, 3)})" : "");
    }

    private static IEnumerable<KeyValuePair<string, string>> Labels(JsonElement container) =>
        container.TryGetProperty("Labels", out var labels) && labels.ValueKind == JsonValueKind.Object
            ? labels.EnumerateObject().Select(static l => new KeyValuePair<string, string>(l.Name, l.Value.GetString() ?? ""))
            : [];

    private static IEnumerable<JsonElement> Mounts(JsonElement container) =>
        container.TryGetProperty("Mounts", out var mounts) && mounts.ValueKind == JsonValueKind.Array ? mounts.EnumerateArray() : [];

    private static string Mount(JsonElement mount, bool full)
    {
        var name = JsonMember.Text(mount, "Name") is { Length: > 0 } given ? given : JsonMember.Text(mount, "Source");
        return full ? name : Ellipsis.Cut(name, 15);
    }

    private static IEnumerable<string> Networks(JsonElement container) =>
        container.TryGetProperty("NetworkSettings", out var settings) && settings.ValueKind == JsonValueKind.Object
        && settings.TryGetProperty("Networks", out var networks) && networks.ValueKind == JsonValueKind.Object
            ? networks.EnumerateObject().Select(static n => n.Name)
            : [];

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
}

using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using System.Globalization;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry images</c>.</summary>
internal static class ImagesCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "images",
        Usage = "[OPTIONS] [REPOSITORY[:TAG]]",
        Summary = "List images",
        Aliases = ["image ls", "image list", "images"],
        Arity = Arity.Between(0, 1),
        Names = Names.Images,
        Flags = Flags,
        Run = Run,
    };

    internal const string TypeName = "*formatter.imageContext";

    internal static readonly Dictionary<string, string> Titles = new()
    {
        ["ID"] = "IMAGE ID", ["Repository"] = "REPOSITORY", ["Tag"] = "TAG", ["Digest"] = "DIGEST", ["CreatedSince"] = "CREATED", ["CreatedAt"] = "CREATED AT",
        ["Size"] = "SIZE", ["Containers"] = "CONTAINERS", ["VirtualSize"] = "VIRTUAL SIZE", ["SharedSize"] = "SHARED SIZE", ["UniqueSize"] = "UNIQUE SIZE",
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var format = flags.Text("format");
        if (format.Length == 0 && !flags.Bool("quiet"))
            format = invocation.Context.Config.Text("imagesFormat");
        var filters = flags.List("filter").ToList();
        if (invocation.Arguments.Count > 0)
            filters.Add("reference=" + invocation.Arguments[0]);
        using var list = invocation.Client.Images.List(flags.Bool("all"), Filters.Wire(filters));
        var digests = flags.Bool("digests") || format.Contains(".Digest", StringComparison.Ordinal);
        var full = flags.Bool("no-trunc");
        var now = TimeProvider.System.GetUtcNow();
        var rows = list.RootElement.EnumerateArray().SelectMany(i => NamesOf(i, digests, flags.Bool("digests")).Select(n => (Image: i, n.Repository, n.Tag, n.Digest))).ToList();
        if (flags.Bool("quiet") && format.Length == 0)
        {
            foreach (var row in rows)
                invocation.Out.WriteLine(Id(row.Image, full));
            return ExitCodes.Success;
        }
        var table = "{{.Repository}}\t{{.Tag}}\t" + (flags.Bool("digests") ? "{{.Digest}}\t" : "") + "{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
        new ListFormat(TypeName, table, Titles).Print(invocation.Out, format, rows.ConvertAll(r => Row(r.Image, r.Repository, r.Tag, r.Digest, full, now)));
        return ExitCodes.Success;
    }

    /// <summary>An image's row, under the first of its names.</summary>
    internal static RowFields Row(JsonElement image, bool full, DateTimeOffset now)
    {
        var (repository, tag, _) = NamesOf(image, digests: false, asked: false)[0];
        return Row(image, repository, tag, "", full, now);
    }

    private static RowFields Row(JsonElement image, string repository, string tag, string digest, bool full, DateTimeOffset now)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(Number(image, "Created"));
        return new(
            TypeName,
            [
                new("ID", () => Id(image, full)),
                new("Repository", () => repository),
                new("Tag", () => tag),
                new("Digest", () => digest),
                new("CreatedSince", () => created == DateTimeOffset.UnixEpoch ? "N/A" : Units.Duration(now - created) + " ago"),
                new("CreatedAt", () => LocalTime.Text(created)),
                new("Size", () => Units.Size(Number(image, "Size"), 3)),
                new("Containers", () => Number(image, "Containers") is >= 0 and var count ? count.ToString(CultureInfo.InvariantCulture) : "N/A"),
                new("VirtualSize", () => Units.Size(Number(image, "Size"))),
                new("SharedSize", () => Number(image, "SharedSize") is >= 0 and var shared ? Units.Size(shared) : "N/A"),
                new("UniqueSize", () => Number(image, "SharedSize") is >= 0 and var shared ? Units.Size(Number(image, "Size") - shared) : "N/A"),
            ]);
    }

    /// <summary>The rows an image makes: one for each of its tags, or digests that have no tag; docker shows the latter only with --digests.</summary>
    private static List<(string Repository, string Tag, string Digest)> NamesOf(JsonElement image, bool digests, bool asked)
    {
        const string none = "<none>";
        var tags = NamesIn(image, "RepoTags").Where(static t => t != "<none>:<none>").Select(static t => Split(t, ':')).ToList();
        var hashes = NamesIn(image, "RepoDigests").Where(static d => d != "<none>@<none>").Select(static d => Split(d, '@')).ToList();
        var rows = new List<(string, string, string)>();
        foreach (var (repository, tag) in tags)
        {
            var own = digests ? hashes.Where(d => d.Name == repository).Select(static d => d.Tail).ToList() : [];
            rows.AddRange(own.Count == 0 ? [(repository, tag, none)] : own.Select(d => (repository, tag, d)));
        }
        foreach (var (repository, digest) in hashes)
        {
            if (tags.All(t => t.Name != repository) && (digests || rows.All(r => r.Item1 != repository)))
                rows.Add((repository, none, asked ? digest : ""));
        }
        return rows.Count > 0 ? rows : [(none, none, none)];
    }

    private static (string Name, string Tail) Split(string text, char separator)
    {
        var at = text.LastIndexOf(separator);
        return at < 0 ? (text, "<none>") : (text[..at], text[(at + 1)..]);
    }

    private static IEnumerable<string> NamesIn(JsonElement image, string name) =>
        image.TryGetProperty(name, out var names) && names.ValueKind == JsonValueKind.Array ? names.EnumerateArray().Select(static n => n.GetString() ?? "") : [];

    private static string Id(JsonElement image, bool full)
    {
        var id = image.GetProperty("Id").GetString() ?? "";
        return full ? id : Ellipsis.ShortId(id);
    }

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : -1;

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("all", FlagKind.Bool, "Show all images (default hides intermediate images)", 'a'),
        new("digests", FlagKind.Bool, "Show digests"),
        new("filter", FlagKind.Filter, "Filter output based on conditions provided", 'f'),
        new("format", FlagKind.Text, "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
        new("no-trunc", FlagKind.Bool, "Don't truncate output"),
        new("quiet", FlagKind.Bool, "Only show image IDs", 'q'),
        new("tree", FlagKind.Bool, "List multi-platform images as a tree (EXPERIMENTAL)"),
    ];
}

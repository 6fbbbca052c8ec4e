using System.Globalization;
using Gantry.Model.Api;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>An image's configuration while instructions change it.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb/image.go and commitToHistory.</remarks>
internal sealed class ImageDraft
{
    /// <summary>What PATH is where an image does not say.</summary>
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private const string HistoryComment = "buildkit.dockerfile.v0";

    private readonly List<ImageHistoryEntry> _history = [];

    private ImageDraft()
    {
    }

    public string Os { get; set; } = string.Empty;

    public string Architecture { get; set; } = string.Empty;

    public string? Variant { get; set; }

    public string? OsVersion { get; set; }

    public string? Author { get; set; }

    public string User { get; set; } = string.Empty;

    public string WorkingDirectory { get; set; } = string.Empty;

    public SortedSet<string> ExposedPorts { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Volumes { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary><c>NAME=value</c></summary>
    public List<string> Environment { get; } = [];

    public IReadOnlyList<string> Command { get; set; } = [];

    public IReadOnlyList<string> Entrypoint { get; set; } = [];

    public IReadOnlyList<string> Shell { get; set; } = [];

    public List<string> Triggers { get; } = [];

    public HealthConfig? Healthcheck { get; set; }

    public string? StopSignal { get; set; }

    public bool ArgumentsAreEscaped { get; set; }

    /// <summary>Of nothing.</summary>
    public static ImageDraft Empty(Platform platform)
    {
        var draft = new ImageDraft { Os = platform.Os, Architecture = platform.Architecture, Variant = platform.Variant, WorkingDirectory = "/" };
        draft.Environment.Add("PATH=" + DefaultPath);
        return draft;
    }

    /// <summary>Of an image.</summary>
    public static ImageDraft Of(ImageConfiguration image)
    {
        var config = image.Config ?? new();
        var draft = new ImageDraft
        {
            Os = image.Os ?? string.Empty,
            Architecture = image.Architecture ?? string.Empty,
            Variant = image.Variant,
            OsVersion = image.OsVersion,
            Author = image.Author,
            User = config.User ?? string.Empty,
            WorkingDirectory = config.WorkingDir ?? string.Empty,
            Command = config.Cmd ?? [],
            Entrypoint = config.Entrypoint ?? [],
            Shell = config.Shell ?? [],
            Healthcheck = config.Healthcheck,
            StopSignal = config.StopSignal,
            ArgumentsAreEscaped = config.ArgsEscaped ?? false,
        };
        draft.ExposedPorts.UnionWith(config.ExposedPorts?.Keys ?? []);
        draft.Volumes.UnionWith(config.Volumes?.Keys ?? []);
        foreach (var (name, value) in config.Labels ?? new Dictionary<string, string>())
            draft.Labels[name] = value;
        draft.Environment.AddRange(config.Env ?? []);
        draft.Triggers.AddRange(config.OnBuild ?? []);
        draft._history.AddRange(image.History ?? []);
        return draft;
    }

    /// <summary>What a stage that begins with this one has: all but the triggers.</summary>
    public ImageDraft Inherit()
    {
        var heir = Of(ToConfiguration());
        heir.Triggers.Clear();
        return heir;
    }

    /// <summary>The value of a variable; null: the image does not set it.</summary>
    public string? FindVariable(string name) =>
        Environment.Find(variable => variable.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    public void SetVariable(string name, string value)
    {
        var place = Environment.FindIndex(variable => variable == name || variable.StartsWith(name + "=", StringComparison.Ordinal));
        if (place < 0)
            Environment.Add($"{name}={value}");
        else
            Environment[place] = $"{name}={value}";
    }

    /// <summary>The words that a shell form becomes.</summary>
    public IReadOnlyList<string> WithShell(CommandLine command) =>
        command.IsShell ? [.. Shell.Count > 0 ? Shell : ["/bin/sh", "-c"], string.Join(' ', command.Arguments)] : command.Arguments;

    /// <summary>Notes what an instruction did.</summary>
    /// <param name="hasLayer">Whether the tree got a layer.</param>
    /// <param name="created">The time that everything in the image has; null: the time of the build.</param>
    public void Commit(string text, bool hasLayer, DateTimeOffset? created) => _history.Add(new()
    {
        CreatedBy = text,
        Comment = HistoryComment,
        EmptyLayer = !hasLayer,
        Created = created?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    });

    public ImageConfiguration ToConfiguration() => new()
    {
        Os = Os,
        Architecture = Architecture,
        Variant = Variant,
        OsVersion = OsVersion,
        Author = Author,
        RootFs = new(),
        History = [.. _history],
        Config = new()
        {
            User = User.Length > 0 ? User : null,
            WorkingDir = WorkingDirectory.Length > 0 ? WorkingDirectory : null,
            ExposedPorts = SetOf(ExposedPorts),
            Volumes = SetOf(Volumes),
            Labels = Labels.Count > 0 ? new SortedDictionary<string, string>(Labels, StringComparer.Ordinal) : null,
            Env = ListOf(Environment),
            Cmd = ListOf(Command),
            Entrypoint = ListOf(Entrypoint),
            Shell = ListOf(Shell),
            OnBuild = ListOf(Triggers),
            Healthcheck = Healthcheck,
            StopSignal = StopSignal,
            ArgsEscaped = ArgumentsAreEscaped ? true : null,
        },
    };

    // What is empty is not written.
    private static IReadOnlyList<string>? ListOf(IReadOnlyList<string> texts) => texts.Count > 0 ? [.. texts] : null;

    private static IReadOnlyDictionary<string, EmptyObject>? SetOf(SortedSet<string> texts) =>
        texts.Count > 0 ? new SortedDictionary<string, EmptyObject>(texts.ToDictionary(static text => text, static _ => new EmptyObject()), StringComparer.Ordinal) : null;
}

using System.Globalization;
using Gantry.Archive;

namespace Gantry.Engine.Uploads;

/// <summary>What one build was sent. Disposing removes it.</summary>
public sealed class BuildUpload : IDisposable
{
    /// <summary>The name of the directory that a build is of.</summary>
    public const string Context = "context";

    /// <summary>The name of the directory that the Dockerfile is in.</summary>
    public const string Dockerfile = "dockerfile";

    private readonly IReadOnlyDictionary<string, string>? _directories;

    internal BuildUpload(string root, IReadOnlyDictionary<string, string>? directories)
    {
        Root = root;
        _directories = directories;
    }

    internal string Root { get; }

    /// <summary>Where a directory of the client's lies; null: it sent none of this name.</summary>
    internal string? DirectoryOf(string name)
    {
        if (_directories is not null)
            return _directories.TryGetValue(name, out var below) ? Path.Combine(Root, below) : null;
        // Who sends one archive has the Dockerfile in it.
        return name is Context or Dockerfile ? Path.Combine(Root, Context) : null;
    }

    internal void MakeDirectories()
    {
        foreach (var below in _directories?.Values ?? [Context])
            Directory.CreateDirectory(Path.Combine(Root, below));
    }

    /// <summary>Names for the directories at an archive's top, which may be anything in the client's words: their numbers.</summary>
    public static IReadOnlyDictionary<string, string> Number(IEnumerable<string> names) =>
        names.Select(static (name, index) => (name, index)).ToDictionary(static pair => pair.name, static pair => pair.index.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Dispose() => Trees.TryRemove(Root);
}

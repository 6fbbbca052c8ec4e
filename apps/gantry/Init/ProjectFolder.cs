using Gantry.Model;

namespace Gantry.Cli.Init;

/// <summary>A folder whose files say what kind of project it holds. Nothing in it is run.</summary>
internal sealed class ProjectFolder(string path)
{
    private const long LargestFile = 4 << 20;

    /// <summary>The folder's own name, in a form that images and programs may have.</summary>
    public string Name
    {
        get
        {
            var name = string.Concat(System.IO.Path.GetFileName(System.IO.Path.GetFullPath(path).TrimEnd('/')).ToLowerInvariant().Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
            return name.Length == 0 ? "app" : name;
        }
    }

    public bool Has(string name) => File.Exists(System.IO.Path.Combine(path, name));

    public bool HasDirectory(string name) => Directory.Exists(System.IO.Path.Combine(path, name));

    /// <summary>The names of the folders in one of the folders, sorted.</summary>
    public IReadOnlyList<string> FindBelow(string name) => HasDirectory(name)
        ? [.. Directory.EnumerateDirectories(System.IO.Path.Combine(path, name)).Select(static found => System.IO.Path.GetFileName(found)!).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>A file's text; empty when there is none.</summary>
    /// <exception cref="GantryException">Invalid: it cannot be read.</exception>
    public string Text(string name)
    {
        var file = System.IO.Path.Combine(path, name);
        try
        {
            return File.Exists(file) && new FileInfo(file).Length <= LargestFile ? File.ReadAllText(file) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"cannot read {file}: {e.Message}", cause: e);
        }
    }

    /// <summary>Files of a pattern in the folder and the folders directly in it, from the folder, sorted; those nearer come first.</summary>
    public IReadOnlyList<string> Find(string pattern)
    {
        var found = new List<string>();
        foreach (var directory in Directory.EnumerateDirectories(path).Where(static d => System.IO.Path.GetFileName(d) is not ("node_modules" or "bin" or "obj" or ".git")).Prepend(path))
        {
            try
            {
                found.AddRange(Directory.EnumerateFiles(directory, pattern).Select(file => System.IO.Path.GetRelativePath(path, file)));
            }
            catch (UnauthorizedAccessException)
            {
                // A folder that nobody may look into holds nothing to build of.
            }
        }

        return [.. found.OrderBy(static file => file.Count(static c => c == '/')).ThenBy(static file => file, StringComparer.Ordinal)];
    }
}

using System.Text;

namespace Gantry.Engine.Copy;

/// <summary>A path in a container as a client wrote it, taken apart as Docker does. Pure.</summary>
/// <remarks>Source: moby container/archive.go ResolvePath, pkg/archive/copy.go PreserveTrailingDotOrSeparator.</remarks>
/// <param name="Directory">What is resolved with all its links; absolute.</param>
/// <param name="Base">What is looked at in it without following a link; empty: the directory itself.</param>
/// <param name="Name">What answers call it: the last component, <c>.</c> when the path ends so, <c>/</c> for the root.</param>
public sealed record PathInContainer(string Directory, string Base, string Name)
{
    /// <summary>Whether the path can only be a directory: it ends in a slash or a dot.</summary>
    public bool IsDirectory => Base.Length == 0;

    /// <summary>The whole path, absolute.</summary>
    public string Full => Base.Length == 0 ? Directory : Directory.TrimEnd('/') + "/" + Base;

    /// <summary>Takes a path apart; a relative one starts at the root.</summary>
    public static PathInContainer Parse(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }

        var clean = "/" + string.Join('/', parts);
        var dot = path.Split('/', StringSplitOptions.RemoveEmptyEntries) is [.., "."]; // "./" and "/./" too
        if (parts.Count == 0)
            return new("/", "", dot ? "." : "/");
        if (dot || path.EndsWith('/'))
            return new(clean, "", dot ? "." : parts[^1]);
        return new(clean[..^parts[^1].Length], parts[^1], parts[^1]);
    }

    /// <summary>A component as the kernel takes it.</summary>
    internal static byte[] Raw(string component) => [.. Encoding.UTF8.GetBytes(component), 0];
}

using System.Text;

namespace Gantry.Archive;

/// <summary>
/// Paths inside an archive or a tree: relative, components joined by one slash, without "." and "..". Kept as strings of Latin-1
/// characters, one for each byte, because names in archives need not be UTF-8.
/// </summary>
public static class RawPath
{
    /// <summary>The kernel takes no longer path in one call.</summary>
    public const int Longest = 4096;

    /// <summary>The bytes of a path or component, ending in NUL.</summary>
    public static byte[] Bytes(ReadOnlySpan<char> path)
    {
        var bytes = new byte[path.Length + 1];
        Encoding.Latin1.GetBytes(path, bytes);
        return bytes;
    }

    /// <summary>An archive's name made relative to the root; empty for the root itself.</summary>
    /// <exception cref="Gantry.Model.GantryException">Invalid: it leads out of the root, or is too long.</exception>
    public static string Clean(ReadOnlySpan<byte> name)
    {
        if (name.Length >= Longest)
            throw TarErrors.Refused(name, $"its name is longer than {Longest} bytes");
        var text = Encoding.Latin1.GetString(name);
        if (IsClean(text))
            return text;
        var components = new List<string>();
        foreach (var component in text.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (component == ".")
                continue;
            if (component != "..")
                components.Add(component);
            else if (components.Count > 0)
                components.RemoveAt(components.Count - 1);
            else
                throw TarErrors.Refused(name, "it leads out of the archive's root");
        }

        return string.Join('/', components);
    }

    /// <summary>Everything before the last component; empty when there is one only.</summary>
    public static string Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    /// <summary>The last component.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string Join(string directory, string name) => directory.Length == 0 ? name : directory + "/" + name;

    // The usual case, without splitting.
    private static bool IsClean(string text)
    {
        var start = 0;
        while (true)
        {
            var slash = text.IndexOf('/', start);
            var component = text.AsSpan(start, (slash < 0 ? text.Length : slash) - start);
            if (component.Length == 0 || component is "." or "..")
                return false;
            if (slash < 0)
                return true;
            start = slash + 1;
        }
    }
}

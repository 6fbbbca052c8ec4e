namespace Gantry.Engine.Volumes;

/// <summary>Destinations of mounts.</summary>
internal static class ContainerPath
{
    /// <summary>A destination without <c>.</c>, <c>..</c> and double slashes; null, with a problem, when it is none.</summary>
    /// <param name="path">As it was given.</param>
    /// <param name="problems">Receives a sentence.</param>
    /// <param name="whole">The whole of what the user wrote, for the sentence.</param>
    public static string? Clean(string path, List<string> problems, string whole)
    {
        if (path.Length == 0)
        {
            problems.Add($"invalid volume specification: '{whole}': destination can't be empty");
            return null;
        }

        if (path[0] != '/')
        {
            problems.Add($"invalid volume specification: '{whole}': invalid mount config for type \"bind\": invalid mount path: '{path}' mount path must be absolute");
            return null;
        }

        var clean = CleanHost(path);
        if (clean != "/")
            return clean;
        problems.Add($"invalid volume specification: '{whole}': invalid mount config: destination can't be '/'");
        return null;
    }

    /// <summary>An absolute path without <c>.</c>, <c>..</c> and double slashes, by text alone.</summary>
    public static string CleanHost(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part.Length == 0 || part == ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }

        return "/" + string.Join('/', parts);
    }
}

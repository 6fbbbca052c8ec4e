using System.Text.Json;
using Gantry.Model;

namespace Gantry.Client;

/// <summary>What is at a path of a container.</summary>
/// <param name="Name">The path's last component.</param>
/// <param name="Mode">Kind and permissions, as Go's os.FileMode encodes them.</param>
/// <param name="LinkTarget">Where a symbolic link leads; empty for everything else.</param>
/// <remarks>Source: Engine API, header X-Docker-Container-Path-Stat.</remarks>
public sealed record PathStatus(string Name, uint Mode, string LinkTarget)
{
    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => (Mode & 1u << 31) != 0;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsSymlink => (Mode & 1u << 27) != 0;

    /// <summary>Whether it is a device.</summary>
    public bool IsDevice => (Mode & 1u << 26) != 0;

    /// <summary>Reads the header.</summary>
    /// <exception cref="GantryException">Unavailable: it is missing or malformed.</exception>
    internal static PathStatus Parse(string? header)
    {
        try
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(header ?? ""));
            var root = json.RootElement;
            return new(root.GetProperty("name").GetString() ?? "", root.GetProperty("mode").GetUInt32(), root.TryGetProperty("linkTarget", out var target) ? target.GetString() ?? "" : "");
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the engine did not say what is at the path: {e.Message}", cause: e);
        }
    }
}

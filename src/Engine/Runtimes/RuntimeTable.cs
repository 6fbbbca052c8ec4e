using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Runtimes;

/// <summary>The runtimes by name: our own, those of the configuration, and runc and crun where they are installed.</summary>
/// <remarks>Source: moby daemon/runtime_unix.go; names of containerd's shims (<c>io.containerd.runc.v2</c>) stand for runc there and here.</remarks>
public static class RuntimeTable
{
    /// <summary>Our own, which the monitor has inside.</summary>
    public const string Own = "gantry";

    private static readonly string[] s_directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>What can be asked for besides our own.</summary>
    /// <param name="configured">Those of the configuration; they win over what is found.</param>
    public static IReadOnlyDictionary<string, RuntimeChoice> Find(IReadOnlyDictionary<string, RuntimeChoice> configured)
    {
        ArgumentNullException.ThrowIfNull(configured);
        var all = new SortedDictionary<string, RuntimeChoice>(configured.ToDictionary(), StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)["runc", "crun"])
        {
            var path = s_directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
            if (path is not null)
                all.TryAdd(name, new RuntimeChoice(path, []));
        }
        if (all.TryGetValue("runc", out var runc))
            all.TryAdd("io.containerd.runc.v2", runc);
        return all;
    }

    /// <summary>Whether containers can ask for it. Where there is no runc its names stand for our own: clients name it as Docker's default.</summary>
    /// <param name="runtimes">Those of <see cref="Find"/>.</param>
    /// <param name="name">What was asked for; null or empty: nothing in particular.</param>
    public static bool IsKnown(IReadOnlyDictionary<string, RuntimeChoice> runtimes, string? name)
    {
        ArgumentNullException.ThrowIfNull(runtimes);
        return IsOwn(runtimes, name) || runtimes.ContainsKey(name!);
    }

    /// <summary>What the monitor is told; null: it uses its own.</summary>
    /// <param name="runtimes">Those of <see cref="Find"/>.</param>
    /// <param name="name">The container's.</param>
    /// <exception cref="GantryException">Invalid: it has been taken out of the configuration since.</exception>
    public static MonitorRuntime? Choose(IReadOnlyDictionary<string, RuntimeChoice> runtimes, string? name)
    {
        ArgumentNullException.ThrowIfNull(runtimes);
        if (IsOwn(runtimes, name))
            return null;
        return runtimes.TryGetValue(name!, out var choice)
            ? new MonitorRuntime(choice.Path, choice.Arguments)
            : throw GantryException.Of(ErrorKind.Invalid, $"unknown or invalid runtime name: {name}");
    }

    private static bool IsOwn(IReadOnlyDictionary<string, RuntimeChoice> runtimes, string? name) =>
        name is null or "" or Own || (name is "runc" or "io.containerd.runc.v2" && !runtimes.ContainsKey(name));
}

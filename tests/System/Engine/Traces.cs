using System.Net.NetworkInformation;
using Gantry.Engine.Containers;
using Gantry.Engine.Images;
using Gantry.Engine.Operations;
using Gantry.Kernel.Nftables;
using Gantry.Kernel.Sys;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>All that an engine has made outside its own memory, and the rows that name it: what two of them differ in was left behind.</summary>
internal sealed class Traces
{
    private readonly List<string> _lines;

    private Traces(List<string> lines) => _lines = lines;

    /// <summary>Looks everywhere.</summary>
    public static async Task<Traces> TakeAsync(EngineHost host, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        Add("mount", MountTable.Read().Select(mount => mount.MountPoint).Where(path => path.StartsWith(Path.GetDirectoryName(host.DataRoot)!, StringComparison.Ordinal)));
        // Warm endpoints come and go under names of their own; how many there are is what counts.
        Add("interface", NetworkInterface.GetAllNetworkInterfaces().Select(link => link.Name.StartsWith(host.KernelNames.InterfacePrefix, StringComparison.Ordinal) ? "veth" : link.Name));
        Add("cgroup", Directory.EnumerateDirectories("/sys/fs/cgroup", "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true })
            .Where(path => path.Contains(host.CgroupParent + "/", StringComparison.Ordinal)));
        Add("process", Processes(host.CgroupParent));
        using (var nftables = NftablesContext.Open())
            Add("rule", nftables.TryRun("list ruleset").Output.Split('\n'));
        foreach (var (root, name) in new[] { (host.DataRoot, "containers"), (host.DataRoot, "snapshots"), (host.DataRoot, "layers"), (host.DataRoot, "volumes"), (host.ExecRoot, "containers"), (host.ExecRoot, "shm"), (host.ExecRoot, "builds"), (host.DataRoot, "uploads") })
            Add("directory", Entries(Path.Combine(root, name)));
        // Here names with a dot are what a build has for itself.
        foreach (var name in (string[])["contexts", "caches", "sources", "scratch"])
            Add("directory", Directory.EnumerateFileSystemEntries(Path.Combine(host.DataRoot, "builds", name)));
        Add("blob", Directory.EnumerateFiles(Path.Combine(host.DataRoot, "content"), "*", SearchOption.AllDirectories));
        Add("container", (await host.Engine.Containers.ListAsync(new ContainerListQuery { All = true }, cancellationToken)).Select(row => $"{row.Id} {row.Names![0]}"));
        Add("image", (await host.Engine.Images.ListAsync(new ImageListQuery(), cancellationToken)).Select(row => $"{row.Id} {string.Join(' ', row.RepoTags!)}"));
        Add("volume", (await host.Engine.Volumes.ListAsync(Filters.None, cancellationToken)).Volumes!.Select(row => row.Name!));
        Add("descriptor", Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(Target).Where(target => (target.StartsWith(Path.GetDirectoryName(host.DataRoot)!, StringComparison.Ordinal) && !IsDatabase(target)) || target.StartsWith("net:", StringComparison.Ordinal)));
        return new(lines);

        void Add(string kind, IEnumerable<string> found) => lines.AddRange(found.Select(one => $"{kind} {one}").Order(StringComparer.Ordinal));
    }

    /// <summary>Looks until nothing changes any more: what is freed in the background after something has ended may take a moment.</summary>
    public static async Task<Traces> TakeSettledAsync(EngineHost host, CancellationToken cancellationToken)
    {
        var before = await TakeAsync(host, cancellationToken);
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), cancellationToken);
            var now = await TakeAsync(host, cancellationToken);
            if (now._lines.SequenceEqual(before._lines))
                return now;
            before = now;
        }
    }

    /// <summary>How many there are of what begins with a text, as in <c>process sleep</c>.</summary>
    public int Count(string beginning) => _lines.Count(line => line.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>Waits until the host looks like this again; what is freed in the background may take a moment.</summary>
    public async Task AreAllThatIsLeftAsync(EngineHost host, CancellationToken cancellationToken)
    {
        var differences = "";
        try
        {
            await Eventually.HoldsAsync("nothing was left behind", async () =>
            {
                var now = (await TakeAsync(host, cancellationToken))._lines;
                differences = string.Join('\n', Beyond(now, _lines).Select(line => "+ " + line).Concat(Beyond(_lines, now).Where(IsToStay).Select(line => "- " + line)));
                return differences.Length == 0;
            });
        }
        catch (TimeoutException)
        {
            Assert.Fail($"it differs from before:\n{differences}");
        }
    }

    // It has as many readers as were ever at work at once.
    private static bool IsDatabase(string path) => Path.GetFileName(path).StartsWith("gantry.db", StringComparison.Ordinal);

    // What an earlier removal was still at when these were taken may go.
    private static bool IsToStay(string line) => !line.StartsWith("directory ", StringComparison.Ordinal) && !line.StartsWith("descriptor ", StringComparison.Ordinal);

    // As bags: two warm endpoints are two lines that read the same.
    private static IEnumerable<string> Beyond(List<string> these, List<string> those) =>
        these.GroupBy(line => line, StringComparer.Ordinal).SelectMany(group => group.Skip(those.Count(line => line == group.Key)));

    private static IEnumerable<string> Entries(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateFileSystemEntries(directory).Where(path => !Path.GetFileName(path).StartsWith('.')) : [];

    // What runs in control groups of the engine's: what it is called, for numbers are never the same again.
    private static IEnumerable<string> Processes(string parent)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            string name;
            try
            {
                if (!File.ReadAllText(Path.Combine(process, "cgroup")).Contains(parent + "/", StringComparison.Ordinal))
                    continue;
                name = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
            }
            catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            yield return name;
        }
    }

    private static string Target(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName is { } path && path.Contains("/net:[", StringComparison.Ordinal) ? "net:" : File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName ?? "";
        }
        catch (IOException)
        {
            return ""; // closed since
        }
    }
}

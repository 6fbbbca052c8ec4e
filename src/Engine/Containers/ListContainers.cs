using System.Globalization;
using System.Text.RegularExpressions;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Links;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Containers;

/// <summary>Lists containers, newest first.</summary>
/// <remarks>Source: moby daemon/list.go.</remarks>
internal sealed class ListContainers(EngineParts parts, ContainerView view, ContainerLinks links)
{
    private static readonly string[] s_known =
        ["ancestor", "annotation", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "name", "network", "publish", "since", "status", "volume"];

    /// <summary>The containers that the query asks for.</summary>
    public async Task<IReadOnlyList<ContainerSummary>> RunAsync(ContainerListQuery query, CancellationToken requested)
    {
        var filters = query.Filters;
        Validate(filters);
        var images = await AncestorsAsync(filters, requested);
        var (before, since) = (Bound(filters, "before"), Bound(filters, "since"));
        var all = query.All || filters.Has("status");
        var limit = query.Limit is > 0 ? query.Limit.Value : int.MaxValue;
        var now = parts.Time.GetUtcNow();
        List<ContainerSummary> summaries = [];
        Dictionary<string, string?> namedImages = [];
        var linkNames = links.Names();
        foreach (var record in parts.Containers.All.Select(c => c.Record).OrderByDescending(r => r.Created).ThenBy(r => r.Id))
        {
            if (!all && query.Limit is not > 0 && !ContainerStatus.IsUp(record.Run.Status))
                continue;
            if ((before is not null && record.Created >= before) || (since is not null && record.Created <= since))
                continue;
            if (!Matches(record, filters, images))
                continue;
            string[] names = [.. linkNames[record.Id].Append($"/{record.Name}").Order(StringComparer.Ordinal)];
            var summary = view.Summarize(record, names, await ImageNameAsync(record, namedImages, requested), now);
            summaries.Add(query.Size ? await WithSizeAsync(summary, record, requested) : summary);
            if (summaries.Count == limit)
                break;
        }
        return summaries;
    }

    private static void Validate(Filters filters)
    {
        filters.Validate(s_known);
        foreach (var status in filters["status"])
        {
            if (!ContainerStatus.All.Contains(status))
                throw Filters.InvalidValue("status", status);
        }
        foreach (var health in filters["health"])
        {
            if (health is not ("none" or "starting" or "healthy" or "unhealthy"))
                throw Filters.InvalidValue("health", health);
        }
        foreach (var code in filters["exited"])
        {
            if (!int.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                throw Filters.InvalidValue("exited", code);
        }
        foreach (var port in filters["publish"].Concat(filters["expose"]))
            PortSpec.Expand(port);
    }

    private DateTimeOffset? Bound(Filters filters, string key)
    {
        DateTimeOffset? bound = null;
        foreach (var name in filters[key])
            bound = parts.Containers.Get(name).Record.Created;
        return bound;
    }

    /// <summary>The ids of the images that an ancestor filter names, and of those that were made on them; null without one.</summary>
    private async Task<HashSet<Digest>?> AncestorsAsync(Filters filters, CancellationToken requested)
    {
        if (!filters.Has("ancestor"))
            return null;
        HashSet<Digest> ids = [];
        foreach (var name in filters["ancestor"])
        {
            try
            {
                ids.Add((await parts.Images.ResolveAsync(name, requested)).Id);
            }
            catch (GantryException unknown) when (unknown.Kind is ErrorKind.NotFound or ErrorKind.Invalid)
            {
                // Nothing descends from what does not exist.
            }
        }
        return parts.Images.WithDescendants(ids);
    }

    private bool Matches(ContainerRecord record, Filters filters, HashSet<Digest>? images) =>
        filters.Any("id", value => Like(record.Id.ToString(), value))
        && filters.Any("name", value => Like(record.Name, value) || Like("/" + record.Name, value))
        && filters.All("label", value => Filters.LabelMatches(record.Config.Labels, value))
        && filters.All("annotation", value => Filters.LabelMatches(record.HostConfig.Annotations, value))
        && filters.Exact("status", record.Run.Status)
        && filters.Exact("health", record.Run.Health?.Status ?? HealthWords.None)
        && filters.Any("is-task", value => value is "false" or "0")
        && (images is null || images.Contains(record.ImageId))
        && filters.Any("exited", value => record.Run.StartedAt is not null && !ContainerStatus.IsUp(record.Run.Status) && record.Run.ExitCode == int.Parse(value, CultureInfo.InvariantCulture))
        && filters.Any("network", value => view.NetworksOf(record).Any(network => network.Key == value || (value.Length > 0 && ContainerEvents.NetworkOf(parts, record).Id.StartsWith(value, StringComparison.Ordinal))))
        && filters.Any("volume", value => record.Mounts.Any(mount => mount.VolumeName == value || mount.Destination == value || mount.Source == value))
        && PortsMatch(record, filters);

    /// <summary>By a port at the host, or one in the container: with both kinds of filter either counts, as in moby.</summary>
    private static bool PortsMatch(ContainerRecord record, Filters filters)
    {
        if (!filters.Has("publish") && !filters.Has("expose"))
            return true;
        var published = (record.Attachment?.Ports ?? []).Select(port => (port.HostPort, port.Protocol));
        var exposed = (record.Config.ExposedPorts?.Keys ?? []).Concat(record.HostConfig.PortBindings?.Keys ?? []).SelectMany(PortSpec.Expand);
        return filters["publish"].Any(value => Intersects(value, published)) || filters["expose"].Any(value => Intersects(value, exposed));
    }

    private static bool Intersects(string filter, IEnumerable<(int Port, string Protocol)> ports) => PortSpec.Expand(filter).Intersect(ports).Any();

    /// <summary>Equal, or found by the value as a regular expression, as Go's filters do.</summary>
    private static bool Like(string text, string pattern)
    {
        if (text == pattern)
            return true;
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
        }
        catch (Exception refused) when (refused is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>The name by which it was made, as long as that still stands for the same image; else the image's id.</summary>
    private async Task<string> ImageNameAsync(ContainerRecord record, Dictionary<string, string?> known, CancellationToken requested)
    {
        if (!known.TryGetValue(record.ImageName, out var id))
        {
            try
            {
                id = (await parts.Images.ResolveAsync(record.ImageName, requested)).Id.ToString();
            }
            catch (GantryException unknown) when (unknown.Kind is ErrorKind.NotFound or ErrorKind.Invalid)
            {
                id = null;
            }
            known[record.ImageName] = id;
        }
        return id == record.ImageId.ToString() ? record.ImageName : record.ImageId.ToString();
    }

    private async Task<ContainerSummary> WithSizeAsync(ContainerSummary summary, ContainerRecord record, CancellationToken requested)
    {
        var own = parts.Snapshots.SizeOf(record.Id.ToString());
        var image = await parts.Images.InspectAsync(record.ImageId.ToString(), requested);
        return summary with { SizeRw = own, SizeRootFs = own + (image.Size ?? 0) };
    }
}

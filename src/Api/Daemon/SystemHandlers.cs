using Gantry.Api.Streams;
using Gantry.Api.Versions;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Daemon;

/// <summary>The engine about itself: ping, version, info, events.</summary>
internal static class SystemHandlers
{
    /// <summary>Answers without asking the engine, so that clients can tell at once whom they speak with.</summary>
    /// <remarks>Source: moby daemon/server/router/system pingHandler. <c>Builder-Version: 2</c>: clients use BuildKit.</remarks>
    public static async Task PingAsync(Exchange exchange)
    {
        var response = exchange.Http.Response;
        response.Headers["Builder-Version"] = exchange.Facts is { BuildKit: not null, OffersBuildKit: true } ? "2" : "1";
        response.Headers["Swarm"] = "inactive";
        response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        response.Headers.Pragma = "no-cache";
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = HttpMethods.IsHead(exchange.Http.Request.Method) ? 0 : 2;
        if (response.ContentLength > 0)
            await response.Body.WriteAsync("OK"u8.ToArray(), exchange.Requested);
    }

    public static Task VersionAsync(Exchange exchange)
    {
        var version = exchange.Engine.Report.Version() with { ApiVersion = ApiVersion.Newest.ToString(), MinAPIVersion = ApiVersion.Oldest.ToString() };
        return exchange.WriteJsonAsync(version with { Components = [.. (version.Components ?? []).Select(component => component.Name == "Engine" ? WithDetails(component, version) : component)] });
    }

    public static async Task InfoAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Report.InfoAsync(exchange.Requested));

    public static async Task EventsAsync(Exchange exchange)
    {
        var now = exchange.Time.GetUtcNow();
        var events = exchange.Engine.Events.SubscribeAsync(exchange.Query.Time("since", now), exchange.Query.Time("until", now), exchange.Query.Filters(), exchange.Requested);
        await JsonLines.WriteAsync(exchange, events);
    }

    /// <summary>No swarm here: what Docker says on a host that is in none.</summary>
    public static Task NoSwarm(Exchange exchange) => throw Model.GantryException.Of(Model.ErrorKind.Unavailable, NoSwarmText);

    /// <summary>No plugins can be installed; the list is empty.</summary>
    public static Task PluginsAsync(Exchange exchange) => exchange.WriteJsonAsync<IReadOnlyList<string>>([]);

    // Clients print the engine's part from these, not from the members of the same names. Source: moby daemon/info.go SystemVersion.
    private static SystemVersionComponents WithDetails(SystemVersionComponents engine, SystemVersion version) => engine with
    {
        Details = new Dictionary<string, string>(engine.Details ?? new Dictionary<string, string>())
        {
            ["ApiVersion"] = version.ApiVersion ?? "",
            ["Arch"] = version.Arch ?? "",
            ["BuildTime"] = version.BuildTime ?? "",
            ["Experimental"] = version.Experimental is true ? "true" : "false",
            ["GitCommit"] = version.GitCommit ?? "",
            ["GoVersion"] = version.GoVersion ?? "",
            ["KernelVersion"] = version.KernelVersion ?? "",
            ["MinAPIVersion"] = version.MinAPIVersion ?? "",
            ["Os"] = version.Os ?? "",
        },
    };

    // Source: moby daemon/cluster/errors.go, errNoSwarm.
    private const string NoSwarmText =
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";
}

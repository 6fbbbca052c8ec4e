using Gantry.Api.BuildKit;
using Gantry.Api.Builds;
using Gantry.Api.Containers;
using Gantry.Api.Exec;
using Gantry.Api.Images;
using Gantry.Api.Networks;
using Gantry.Api.Routing;
using Gantry.Api.Daemon;
using Gantry.Api.Volumes;
using Gantry.Model;

namespace Gantry.Api;

/// <summary>The table of all routes of the Engine API. What is not in it does not exist: 404.</summary>
/// <remarks>Source: endpoints of engine-api.yaml 1.56 and moby daemon/server/router.</remarks>
public static class Routes
{
    /// <summary>In the order in which they are tried: fixed paths before names.</summary>
    public static IReadOnlyList<Route> All { get; } = [.. Served(), .. Swarm(), .. NotBuilt()];

    private static IEnumerable<Route> Served() =>
    [
        new("GET", "/_ping", SystemHandlers.PingAsync),
        new("HEAD", "/_ping", SystemHandlers.PingAsync),
        new("GET", "/version", SystemHandlers.VersionAsync),
        new("GET", "/info", SystemHandlers.InfoAsync),
        new("GET", "/events", SystemHandlers.EventsAsync),

        new("GET", "/system/df", PruneHandlers.DiskUsageAsync),
        new("POST", "/build", static exchange => BuildHandlers.BuildAsync(exchange, exchange.Engine.Builder, exchange.Engine.Uploads)),
        new("POST", "/build/cancel", BuildHandlers.CancelAsync),
        new("POST", "/build/prune", PruneHandlers.BuildCacheAsync),
        new("POST", "/auth", AuthHandlers.CheckAsync),

        new("GET", "/images/json", ImageHandlers.ListAsync),
        new("POST", "/images/create", ImageHandlers.CreateAsync),
        new("POST", "/images/load", ImageHandlers.LoadAsync),
        new("POST", "/images/prune", PruneHandlers.ImagesAsync),
        new("GET", "/images/{name:.*}/json", ImageHandlers.InspectAsync),
        new("GET", "/images/{name:.*}/history", ImageHandlers.HistoryAsync),
        new("POST", "/images/{name:.*}/tag", ImageHandlers.TagAsync),
        new("DELETE", "/images/{name:.*}", ImageHandlers.RemoveAsync),

        new("GET", "/containers/json", ContainerHandlers.ListAsync),
        new("POST", "/containers/create", ContainerHandlers.CreateAsync),
        new("POST", "/containers/prune", PruneHandlers.ContainersAsync),
        new("GET", "/containers/{id:.*}/json", ContainerHandlers.InspectAsync),
        new("POST", "/containers/{id:.*}/start", ContainerHandlers.StartAsync),
        new("POST", "/containers/{id:.*}/stop", ContainerHandlers.StopAsync),
        new("POST", "/containers/{id:.*}/restart", ContainerHandlers.RestartAsync),
        new("POST", "/containers/{id:.*}/kill", ContainerHandlers.KillAsync),
        new("POST", "/containers/{id:.*}/pause", ContainerHandlers.PauseAsync),
        new("POST", "/containers/{id:.*}/unpause", ContainerHandlers.UnpauseAsync),
        new("POST", "/containers/{id:.*}/wait", ContainerHandlers.WaitAsync),
        new("POST", "/containers/{id:.*}/attach", AttachHandlers.AttachAsync),
        new("GET", "/containers/{id:.*}/attach/ws", AttachHandlers.AttachWebSocketAsync),
        new("GET", "/containers/{id:.*}/logs", ContainerHandlers.LogsAsync),
        new("GET", "/containers/{id:.*}/top", ContainerHandlers.TopAsync),
        new("GET", "/containers/{id:.*}/stats", ContainerHandlers.StatsAsync),
        new("POST", "/containers/{id:.*}/update", ContainerHandlers.UpdateAsync),
        new("POST", "/containers/{id:.*}/resize", ContainerHandlers.ResizeAsync),
        new("POST", "/containers/{id:.*}/rename", ContainerHandlers.RenameAsync),
        new("GET", "/containers/{id:.*}/explain", ContainerHandlers.ExplainAsync), // an extension: Docker has nothing like it
        new("GET", "/containers/{id:.*}/changes", FileHandlers.ChangesAsync),
        new("GET", "/containers/{id:.*}/export", FileHandlers.ExportAsync),
        new("HEAD", "/containers/{id:.*}/archive", FileHandlers.StatusAsync),
        new("GET", "/containers/{id:.*}/archive", FileHandlers.CopyOutAsync),
        new("PUT", "/containers/{id:.*}/archive", FileHandlers.CopyInAsync),
        new("DELETE", "/containers/{id:.*}", ContainerHandlers.RemoveAsync),

        new("POST", "/commit", CommitHandlers.CommitAsync),

        new("POST", "/containers/{id:.*}/exec", ExecHandlers.CreateAsync),
        new("POST", "/exec/{id}/start", ExecHandlers.StartAsync),
        new("POST", "/exec/{id}/resize", ExecHandlers.ResizeAsync),
        new("GET", "/exec/{id}/json", ExecHandlers.InspectAsync),

        new("GET", "/networks", NetworkHandlers.ListAsync),
        new("POST", "/networks/prune", PruneHandlers.NetworksAsync),
        new("GET", "/networks/{id}", NetworkHandlers.InspectAsync),

        new("GET", "/volumes", VolumeHandlers.ListAsync),
        new("POST", "/volumes/create", VolumeHandlers.CreateAsync),
        new("POST", "/volumes/prune", PruneHandlers.VolumesAsync),
        new("GET", "/volumes/{name}", VolumeHandlers.InspectAsync),
        new("DELETE", "/volumes/{name}", VolumeHandlers.RemoveAsync),

        new("GET", "/plugins", SystemHandlers.PluginsAsync),

        // Extensions: Docker's history of builds is a matter of BuildKit.
        new("GET", "/build/history", HistoryHandlers.ListAsync),
        new("GET", "/build/history/{id}", HistoryHandlers.ReadAsync),

        // Extensions: what a build asks the client for that began it.
        new("POST", "/build/connections/{id}", BuildConnections.ConnectAsync),
        new("POST", "/build/connections/{id}/resize", BuildConnections.ResizeAsync),

        new("POST", "/grpc", BuildKitDoor.GrpcAsync),
        new("POST", "/session", BuildKitDoor.SessionAsync),
    ];

    /// <summary>Swarm is not part of Gantry: every one of its routes says that this node is in none.</summary>
    private static IEnumerable<Route> Swarm() =>
        from row in (string[])
        [
            "GET /swarm", "POST /swarm/init", "POST /swarm/join", "POST /swarm/leave", "POST /swarm/update", "GET /swarm/unlockkey", "POST /swarm/unlock",
            "GET /nodes", "GET /nodes/{id}", "DELETE /nodes/{id}", "POST /nodes/{id}/update",
            "GET /services", "POST /services/create", "GET /services/{id}", "DELETE /services/{id}", "POST /services/{id}/update", "GET /services/{id}/logs",
            "GET /tasks", "GET /tasks/{id}", "GET /tasks/{id}/logs",
            "GET /secrets", "POST /secrets/create", "GET /secrets/{id}", "DELETE /secrets/{id}", "POST /secrets/{id}/update",
            "GET /configs", "POST /configs/create", "GET /configs/{id}", "DELETE /configs/{id}", "POST /configs/{id}/update",
            "PUT /volumes/{name}",
        ]
        let parts = row.Split(' ')
        select new Route(parts[0], parts[1], SystemHandlers.NoSwarm);

    /// <summary>Docker has these, this version does not: 501 with a sentence, so that nobody takes the path for mistyped or the container for missing.</summary>
    private static IEnumerable<Route> NotBuilt() =>
        from row in (string[])
        [
            "GET /containers/{id:.*}/checkpoints", "POST /containers/{id:.*}/checkpoints", "DELETE /containers/{id:.*}/checkpoints/{checkpoint}",
            "GET /images/{name:.*}/attestations", "POST /images/{name:.*}/push", "GET /images/search",
            "GET /images/{name:.*}/get", "GET /images/get", "GET /distribution/{name:.*}/json",
            "DELETE /networks/{id}", "POST /networks/create", "POST /networks/{id}/connect", "POST /networks/{id}/disconnect",
            "GET /plugins/privileges", "POST /plugins/pull", "GET /plugins/{name:.*}/json", "DELETE /plugins/{name:.*}", "POST /plugins/{name:.*}/enable",
            "POST /plugins/{name:.*}/disable", "POST /plugins/{name:.*}/upgrade", "POST /plugins/create", "POST /plugins/{name:.*}/push", "POST /plugins/{name:.*}/set",
        ]
        let parts = row.Split(' ')
        select new Route(parts[0], parts[1], _ => throw GantryException.Of(ErrorKind.NotSupported, $"{parts[0]} {parts[1].Replace(":.*", "", StringComparison.Ordinal)} is not supported by this version of Gantry"));
}

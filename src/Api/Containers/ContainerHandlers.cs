using Gantry.Api.Streams;
using Gantry.Api.Versions;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs;
using Gantry.Model;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Containers;

/// <summary>Containers: from create to remove. Streams are in <see cref="AttachHandlers"/>.</summary>
internal static class ContainerHandlers
{
    public static async Task CreateAsync(Exchange exchange)
    {
        var body = await exchange.ReadJsonAsync<ContainerCreateRequest>()
            ?? throw GantryException.Of(ErrorKind.Invalid, "invalid JSON: got EOF while reading request body"); // Source: moby httputils.ReadJSON
        var spec = new ContainerCreateSpec
        {
            Name = exchange.Query.TextOrNull("name"),
            Platform = exchange.Query.TextOrNull("platform"),
            Config = body.Config ?? throw GantryException.Of(ErrorKind.Invalid, "config cannot be empty in order to create a container"), // Source: moby runconfig/errors.go
            HostConfig = body.HostConfig,
            NetworkingConfig = body.NetworkingConfig,
            KeepSubmountsWritable = exchange.Version < new ApiVersion(1, 44),
        };
        // Source: moby api/server/router/container.
        if (exchange.Version < new ApiVersion(1, 44) && body.NetworkingConfig?.EndpointsConfig is { Count: > 1 } endpoints)
            throw GantryException.Of(ErrorKind.Invalid, $"Container cannot be created with multiple network endpoints: {string.Join(", ", endpoints.Keys)}");
        var created = await exchange.Engine.Containers.CreateAsync(spec, exchange.Requested);
        await exchange.WriteJsonAsync(created with { Warnings = created.Warnings ?? [] }, StatusCodes.Status201Created);
    }

    public static async Task ListAsync(Exchange exchange)
    {
        var query = new ContainerListQuery
        {
            All = exchange.Query.Flag("all"),
            Limit = exchange.Query.Number("limit"),
            Size = exchange.Query.Flag("size"),
            Filters = exchange.Query.Filters(),
        };
        await exchange.WriteJsonAsync(await exchange.Engine.Containers.ListAsync(query, exchange.Requested));
    }

    public static async Task InspectAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Containers.InspectAsync(exchange["id"], exchange.Query.Flag("size"), exchange.Requested));

    public static async Task StartAsync(Exchange exchange)
    {
        // Source: moby postContainersStart; a body was a HostConfig before API 1.24. Some clients send "{}" or "null".
        if (exchange.Http.Request.ContentLength > 7 || (exchange.Http.Request.ContentLength is null && exchange.Http.Request.Headers.TransferEncoding.Count > 0))
            throw GantryException.Of(ErrorKind.Invalid, "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24");
        await exchange.Engine.Containers.StartAsync(exchange["id"], exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    public static async Task StopAsync(Exchange exchange)
    {
        await exchange.Engine.Containers.StopAsync(exchange["id"], StopRequestOf(exchange), exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    public static async Task RestartAsync(Exchange exchange)
    {
        await exchange.Engine.Containers.RestartAsync(exchange["id"], StopRequestOf(exchange), exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    public static async Task KillAsync(Exchange exchange)
    {
        await exchange.Engine.Containers.KillAsync(exchange["id"], exchange.Query.TextOrNull("signal"), exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    public static async Task PauseAsync(Exchange exchange)
    {
        await exchange.Engine.Containers.PauseAsync(exchange["id"], exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    public static async Task UnpauseAsync(Exchange exchange)
    {
        await exchange.Engine.Containers.UnpauseAsync(exchange["id"], exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    /// <summary>Sends the answer's head when the wait has begun (clients start the container only then), and the exit when it comes.</summary>
    public static async Task WaitAsync(Exchange exchange)
    {
        var condition = exchange.Query.Text("condition") switch
        {
            "" or "not-running" => WaitCondition.NotRunning,
            "next-exit" => WaitCondition.NextExit,
            "removed" => WaitCondition.Removed,
            var other => throw GantryException.Of(ErrorKind.Invalid, $"invalid condition: \"{other}\": expected not-running, next-exit or removed"),
        };
        var wait = await exchange.Engine.Containers.WaitAsync(exchange["id"], condition, exchange.Requested);
        await exchange.BeginAsync("application/json");
        var exit = await wait.Completion.WaitAsync(exchange.Requested);
        await exchange.Http.Response.Body.WriteAsync((byte[])[.. exchange.Encode(exit), (byte)'\n'], exchange.Requested);
    }

    public static async Task LogsAsync(Exchange exchange)
    {
        var query = exchange.Query;
        var now = exchange.Time.GetUtcNow();
        var logs = new LogQuery
        {
            Stdout = query.Flag("stdout"),
            Stderr = query.Flag("stderr"),
            Follow = query.Flag("follow"),
            Since = query.Time("since", now),
            Until = query.Time("until", now),
            // Source: moby: "all", nonsense and negative numbers mean all of them.
            Tail = int.TryParse(query.Text("tail"), out var tail) && tail >= 0 ? tail : null,
        };
        if (!logs.Stdout && !logs.Stderr)
            throw GantryException.Of(ErrorKind.Invalid, "Bad parameters: you must choose at least one stream"); // Source: moby getContainersLogs
        var found = await exchange.Engine.Containers.LogsAsync(exchange["id"], logs, exchange.Requested);
        await LogStream.WriteAsync(exchange, found, query.Flag("timestamps"), query.Flag("details"));
    }

    public static async Task ResizeAsync(Exchange exchange)
    {
        var (height, width) = TerminalSize.Read(exchange.Query);
        await exchange.Engine.Containers.ResizeAsync(exchange["id"], height, width, exchange.Requested);
        await exchange.Answer(StatusCodes.Status200OK);
    }

    public static async Task RenameAsync(Exchange exchange)
    {
        await exchange.Engine.Containers.RenameAsync(exchange["id"], exchange.Query.Text("name"), exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    public static async Task UpdateAsync(Exchange exchange)
    {
        // The body is a host configuration of which only limits and restart policy count: moby's UpdateConfig embeds them so.
        var change = await exchange.ReadJsonAsync<HostConfig>()
            ?? throw GantryException.Of(ErrorKind.Invalid, "invalid JSON: got EOF while reading request body"); // Source: moby httputils.ReadJSON
        await exchange.WriteJsonAsync(await exchange.Engine.Containers.UpdateAsync(exchange["id"], change, exchange.Requested));
    }

    public static async Task TopAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Containers.TopAsync(exchange["id"], exchange.Query.TextOrNull("ps_args"), exchange.Requested));

    public static async Task ExplainAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Containers.ExplainAsync(exchange["id"], exchange.Requested));

    public static async Task StatsAsync(Exchange exchange)
    {
        var containers = exchange.Engine.Containers;
        var oneShot = exchange.Query.Flag("one-shot");
        if (!exchange.Query.Flag("stream", whenAbsent: true))
        {
            await exchange.WriteJsonAsync(await containers.StatsAsync(exchange["id"], oneShot, exchange.Requested));
            return;
        }
        if (oneShot)
            throw GantryException.Of(ErrorKind.Invalid, "cannot have stream=true and one-shot=true"); // Source: moby getContainersStats
        await JsonLines.WriteAsync(exchange, containers.StatsStreamAsync(exchange["id"], exchange.Requested));
    }

    public static async Task RemoveAsync(Exchange exchange)
    {
        var request = new RemoveRequest(exchange.Query.Flag("force"), exchange.Query.Flag("v"), exchange.Query.Flag("link"));
        await exchange.Engine.Containers.RemoveAsync(exchange["id"], request, exchange.Requested);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    private static StopRequest StopRequestOf(Exchange exchange) => new(exchange.Query.TextOrNull("signal"), exchange.Query.Number("t"));
}

using System.Globalization;
using System.Text.Json;
using Gantry.Model.Api;

namespace Gantry.Client;

/// <summary>Calls about containers. A name, an id or the start of an id names one.</summary>
/// <remarks>Source: Engine API, section Container.</remarks>
public sealed class ContainerCalls(EngineTransport transport)
{
    /// <summary>Creates a container.</summary>
    /// <exception cref="Gantry.Model.GantryException">NotFound: the image is not here. Conflict: the name is taken.</exception>
    public ContainerCreateResponse Create(ContainerConfig config, HostConfig host, NetworkingConfig networking, string? name = null, string? platform = null)
    {
        var path = new Query("/containers/create").With("name", string.IsNullOrEmpty(name) ? null : name).With("platform", string.IsNullOrEmpty(platform) ? null : platform).ToString();
        using var response = transport.Send("POST", path, CreateBody.Write(config, host, networking));
        using var json = EngineTransport.Parse(response);
        return new() { Id = json.RootElement.GetProperty("Id").GetString(), Warnings = WarningsOf(json) };
    }

    /// <summary>Starts a container.</summary>
    public void Start(string container, string? detachKeys = null) =>
        transport.Post(new Query($"/containers/{Query.Named("container", container)}/start").With("detachKeys", string.IsNullOrEmpty(detachKeys) ? null : detachKeys).ToString());

    /// <summary>Stops a container; one that is not running stays so.</summary>
    public void Stop(string container, string? signal = null, int? timeoutSeconds = null) =>
        PostUnlessDone(new Query($"/containers/{Query.Named("container", container)}/stop").With("signal", signal).With("t", Text(timeoutSeconds)));

    /// <summary>Stops a container and starts it.</summary>
    public void Restart(string container, string? signal = null, int? timeoutSeconds = null) =>
        transport.Post(new Query($"/containers/{Query.Named("container", container)}/restart").With("signal", signal).With("t", Text(timeoutSeconds)).ToString());

    /// <summary>Sends a signal to a container's first process.</summary>
    public void Kill(string container, string? signal = null) =>
        transport.Post(new Query($"/containers/{Query.Named("container", container)}/kill").With("signal", signal).ToString());

    /// <summary>Freezes a container's processes.</summary>
    public void Pause(string container) => transport.Post($"/containers/{Query.Named("container", container)}/pause");

    /// <summary>Thaws a container's processes.</summary>
    public void Unpause(string container) => transport.Post($"/containers/{Query.Named("container", container)}/unpause");

    /// <summary>Gives a container another name.</summary>
    public void Rename(string container, string name) =>
        transport.Post(new Query($"/containers/{Query.Named("container", container)}/rename").With("name", name).ToString());

    /// <summary>Sets the size of a container's terminal.</summary>
    public void Resize(string container, int rows, int columns) =>
        transport.Post(new Query($"/containers/{Query.Named("container", container)}/resize").With("h", Text(rows)).With("w", Text(columns)).ToString());

    /// <summary>Removes a container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="force">Kill it when it runs.</param>
    /// <param name="volumes">Remove its anonymous volumes, too.</param>
    /// <param name="link">Remove the link of that name, not a container.</param>
    public void Remove(string container, bool force = false, bool volumes = false, bool link = false)
    {
        using var response = transport.Send("DELETE", new Query($"/containers/{Query.Named("container", container)}").With("force", force).With("v", volumes).With("link", link).ToString());
        response.Body.CopyTo(Stream.Null);
    }

    /// <summary>Lists containers, newest first.</summary>
    /// <param name="all">Those that do not run, too.</param>
    /// <param name="size">With the sizes of their files.</param>
    /// <param name="limit">Only so many; null: all.</param>
    /// <param name="filters">Filters as JSON, <c>{"name":{"web":true}}</c>; null: none.</param>
    /// <returns>The array as the engine sent it. The caller disposes it.</returns>
    public JsonDocument List(bool all = false, bool size = false, int? limit = null, string? filters = null) =>
        transport.GetJson(new Query("/containers/json").With("all", all).With("limit", Text(limit)).With("size", size).With("filters", filters).ToString());

    /// <summary>Everything about a container, as the engine sent it: fields that this client does not know are kept.</summary>
    public byte[] Inspect(string container, bool size = false) =>
        transport.GetBytes(new Query($"/containers/{Query.Named("container", container)}/json").With("size", size).ToString());

    /// <summary>The processes in a container.</summary>
    public JsonDocument Top(string container, string? psArguments = null) =>
        transport.GetJson(new Query($"/containers/{Query.Named("container", container)}/top").With("ps_args", psArguments).ToString());

    /// <summary>What a container uses, each second until it is removed; each sample is disposed when the next is asked for.</summary>
    public IEnumerable<JsonElement> Stats(string container) =>
        JsonObjects.Read(transport.Send("GET", new Query($"/containers/{Query.Named("container", container)}/stats").With("stream", true).ToString()));

    /// <summary>What a container uses now, and used a second before. The caller disposes it.</summary>
    public JsonDocument StatsNow(string container) =>
        transport.GetJson(new Query($"/containers/{Query.Named("container", container)}/stats").With("stream", "0").ToString());

    /// <summary>Why a container is as it is; Gantry's engine alone can tell. The caller disposes it.</summary>
    /// <exception cref="Gantry.Model.GantryException">NotFound: no such container, or an engine that is not Gantry's.</exception>
    public JsonDocument Explain(string container) => transport.GetJson($"/containers/{Query.Named("container", container)}/explain");

    /// <summary>Changes limits and restart policy; what is zero, empty or null stays.</summary>
    /// <returns>What the engine has to say about it.</returns>
    public IReadOnlyList<string> Update(string container, HostConfig change)
    {
        using var response = transport.Send("POST", $"/containers/{Query.Named("container", container)}/update", UpdateBody.Write(change));
        using var json = EngineTransport.Parse(response);
        return WarningsOf(json);
    }

    /// <summary>Attaches to a container's streams.</summary>
    public HijackedStream Attach(string container, bool stdin, bool stdout, bool stderr, string? detachKeys = null, bool logs = false) =>
        transport.Hijack(new Query($"/containers/{Query.Named("container", container)}/attach")
            .With("detachKeys", string.IsNullOrEmpty(detachKeys) ? null : detachKeys).With("logs", logs)
            .With("stderr", stderr).With("stdin", stdin).With("stdout", stdout).With("stream", true).ToString());

    /// <summary>Reads a container's log: framed unless it has a terminal. The caller disposes it.</summary>
    public Stream Logs(string container, LogsQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var response = transport.Send("GET", new Query($"/containers/{Query.Named("container", container)}/logs")
            .With("details", query.Details).With("follow", query.Follow).With("since", query.Since).With("stderr", true).With("stdout", true)
            .With("tail", query.Tail).With("timestamps", query.Timestamps).With("until", query.Until).ToString());
        return new ResponseStream(response);
    }

    /// <summary>Begins to wait for a container's end; the engine has registered the wait when this returns.</summary>
    /// <param name="container">Which.</param>
    /// <param name="condition"><c>not-running</c>, <c>next-exit</c> or <c>removed</c>; null: the engine's default.</param>
    public ContainerWait Wait(string container, string? condition = null) =>
        new(transport.Send("POST", new Query($"/containers/{Query.Named("container", container)}/wait").With("condition", condition).ToString()));

    private static List<string> WarningsOf(JsonDocument answer)
    {
        var warnings = new List<string>();
        if (answer.RootElement.TryGetProperty("Warnings", out var said) && said.ValueKind == JsonValueKind.Array)
        {
            foreach (var warning in said.EnumerateArray())
                warnings.Add(warning.GetString() ?? "");
        }
        return warnings;
    }

    private void PostUnlessDone(Query query)
    {
        try
        {
            transport.Post(query.ToString());
        }
        catch (Gantry.Model.GantryException e) when (e.Kind == Gantry.Model.ErrorKind.NotModified)
        {
            // 304: it is not running, which is what was asked for.
        }
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}

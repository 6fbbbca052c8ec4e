using System.Text.Json;

namespace Gantry.Api.Builds;

/// <summary>The logs of builds that are over: an extension, which <c>gantry builder logs</c> reads.</summary>
internal static class HistoryHandlers
{
    public static async Task ListAsync(Exchange exchange)
    {
        var builds = exchange.Engine.BuildHistory.List();
        await exchange.BeginAsync("application/json");
        using (var json = new Utf8JsonWriter(exchange.Http.Response.BodyWriter))
        {
            json.WriteStartArray();
            foreach (var build in builds)
            {
                json.WriteStartObject();
                json.WriteString("Id", build.Id);
                json.WriteString("Started", build.Started);
                if (build.Ended is { } ended)
                    json.WriteString("Ended", ended);
                json.WriteString("Status", build.Status);
                json.WriteStartArray("Names");
                foreach (var name in build.Names)
                    json.WriteStringValue(name);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        await exchange.Http.Response.BodyWriter.FlushAsync(exchange.Requested);
    }

    public static async Task ReadAsync(Exchange exchange)
    {
        await using var log = exchange.Engine.BuildHistory.OpenLog(exchange["id"]);
        await exchange.BeginAsync("application/json");
        await log.CopyToAsync(exchange.Http.Response.Body, exchange.Requested);
    }
}

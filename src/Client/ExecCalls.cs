using System.Globalization;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>Calls about commands run in running containers.</summary>
/// <remarks>Source: Engine API, section Exec.</remarks>
public sealed class ExecCalls(EngineTransport transport)
{
    /// <summary>Prepares a command in a container.</summary>
    /// <returns>The exec's id.</returns>
    public string Create(string container, ExecCreateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var response = transport.Send("POST", $"/containers/{Query.Named("container", container)}/exec", request.ToJson());
        using var json = EngineTransport.Parse(response);
        return json.RootElement.GetProperty("Id").GetString() ?? "";
    }

    /// <summary>Starts it and attaches to its streams.</summary>
    public HijackedStream Start(string exec, bool tty, (int Rows, int Columns)? size) => transport.Hijack($"/exec/{exec}/start", StartBody(false, tty, size));

    /// <summary>Starts it and leaves it alone.</summary>
    public void StartDetached(string exec, bool tty)
    {
        using var response = transport.Send("POST", $"/exec/{exec}/start", StartBody(true, tty, null));
        response.Body.CopyTo(Stream.Null);
    }

    /// <summary>Sets the size of its terminal.</summary>
    public void Resize(string exec, int rows, int columns) =>
        transport.Post(new Query($"/exec/{exec}/resize").With("h", rows.ToString(CultureInfo.InvariantCulture)).With("w", columns.ToString(CultureInfo.InvariantCulture)).ToString());

    /// <summary>Whether it runs, and how it ended.</summary>
    public (bool Running, int ExitCode) Inspect(string exec)
    {
        using var json = transport.GetJson($"/exec/{exec}/json");
        var root = json.RootElement;
        return (root.GetProperty("Running").GetBoolean(), root.TryGetProperty("ExitCode", out var code) && code.ValueKind == JsonValueKind.Number ? code.GetInt32() : 0);
    }

    private static byte[] StartBody(bool detach, bool tty, (int Rows, int Columns)? size)
    {
        var sizeText = size is { } s ? string.Create(CultureInfo.InvariantCulture, $",\"ConsoleSize\":[{s.Rows},{s.Columns}]") : "";
        return System.Text.Encoding.UTF8.GetBytes($"{{\"Detach\":{(detach ? "true" : "false")},\"Tty\":{(tty ? "true" : "false")}{sizeText}}}");
    }
}

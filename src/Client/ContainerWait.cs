using Gantry.Client.Http;
using Gantry.Model.Api;

namespace Gantry.Client;

/// <summary>A wait that the engine has registered; the answer comes when the container ends.</summary>
public sealed class ContainerWait : IDisposable
{
    private readonly HttpResponse _response;

    internal ContainerWait(HttpResponse response) => _response = response;

    /// <summary>Blocks until the container ended.</summary>
    /// <exception cref="Gantry.Model.GantryException">Unavailable: the engine went away before.</exception>
    public ContainerWaitResponse Result()
    {
        using var json = EngineTransport.Parse(_response);
        var root = json.RootElement;
        var error = root.TryGetProperty("Error", out var failed) && failed.ValueKind == System.Text.Json.JsonValueKind.Object
            && failed.TryGetProperty("Message", out var message) && message.GetString() is { Length: > 0 } text
            ? new ContainerWaitExitError { Message = text }
            : null;
        return new() { StatusCode = root.GetProperty("StatusCode").GetInt64(), Error = error };
    }

    /// <inheritdoc/>
    public void Dispose() => _response.Dispose();
}

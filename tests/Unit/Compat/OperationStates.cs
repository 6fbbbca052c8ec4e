using System.Text.Json;
using Gantry.Api;
using Gantry.Api.Routing;
using Gantry.Tests.Unit.Api;

namespace Gantry.Tests.Unit.Compat;

/// <summary>What becomes of each operation, found by asking a server that has all routes and no engine: what is refused is refused before the engine is needed.</summary>
internal static class OperationStates
{
    /// <summary>The word for an operation that is served.</summary>
    public const string Works = "works";

    private const string NotBuilt = " is not supported by this version of Gantry";

    /// <summary>By operation: <see cref="Works"/>, or why not.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> AskAsync(EngineApi api)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var wire = await WireServer.StartAsync(Routes.All);
        foreach (var title in api.Operations.Keys)
        {
            var (method, path) = (title.Split(' ')[0], title.Split(' ')[1]);
            states[title] = StateOf(await wire.AskAsync(method, path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)));
        }
        return states;
    }

    /// <summary>The route that serves an operation; null when there is none.</summary>
    public static Route? RouteOf(string title) => Routes.All.FirstOrDefault(route => $"{route.Method} {route.Pattern.Replace(":.*", "", StringComparison.Ordinal)}" == title);

    private static string StateOf(string answer)
    {
        var status = answer.Split(' ')[1];
        if (status is "404" && answer.Contains("page not found", StringComparison.Ordinal))
            return "not yet";
        if (status is not ("501" or "503"))
            return Works;
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        // HEAD has no body to tell more.
        var message = body.Length == 0 ? NotBuilt : JsonDocument.Parse(body).RootElement.GetProperty("message").GetString()!;
        return message.EndsWith(NotBuilt, StringComparison.Ordinal) ? "not yet" : $"refused: {Markdown.Text(message)}";
    }
}

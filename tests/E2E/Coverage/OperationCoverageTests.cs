using System.Text.RegularExpressions;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Coverage;

/// <summary>Every operation that works was called in these tests both as plain HTTP and by a client that others wrote.</summary>
/// <remarks>Runs after all others, on what they noted: see <see cref="OperationLog"/>.</remarks>
[Trait("order", "last")]
public sealed partial class OperationCoverageTests
{
    /// <summary>Docker's command line, its libraries for Python and .NET, Compose.</summary>
    private static readonly string[] s_clients = ["Docker-Client/", "docker-sdk-python/", "docker-compose/", "Docker.DotNet", "compose/"];

    /// <summary>curl, and requests that name no client.</summary>
    private static readonly string[] s_plain = ["curl/", "nobody"];

    // No client of others asks for these: Docker's own use other operations for the same.
    private static readonly string[] s_withoutClients =
    [
        "GET /containers/{}/attach/ws", // browsers attach by it
        "POST /build/prune", // buildx prunes by gRPC, and there is nothing to prune yet
    ];

    [Fact]
    public void EveryOperationIsCalledAsHttpAndByAClient()
    {
        if (OperationLog.Path is not { } path)
        {
            Assert.Skip("only a whole run of the suite, ./test.sh, calls all of them");
            return;
        }

        var calls = File.ReadLines(path).Select(static line => Call().Match(line)).Where(static m => m.Success)
            .Select(static m => (Operation: Plain(m.Groups["operation"].Value), Client: m.Groups["client"].Value)).Distinct().ToLookup(static c => c.Operation, static c => c.Client);
        var missing = Working().SelectMany(operation => Missing(operation, calls[operation])).ToList();
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    private static IEnumerable<string> Missing(string operation, IEnumerable<string> clients)
    {
        var by = clients.ToList();
        if (!by.Exists(client => Array.Exists(s_plain, p => client.StartsWith(p, StringComparison.Ordinal))))
            yield return $"not called as HTTP: {operation}";
        if (!s_withoutClients.Contains(operation) && !by.Exists(client => Array.Exists(s_clients, c => client.Contains(c, StringComparison.Ordinal))))
            yield return $"not called by a client: {operation}";
    }

    private static IEnumerable<string> Working() =>
        File.ReadLines(Path.Combine(Repository.Root, "docs/compat.md")).Select(static line => Row().Match(line)).Where(static m => m.Success).Select(static m => Plain(m.Groups["operation"].Value));

    // The specification and the table of routes call the parts of a path differently.
    private static string Plain(string operation) => Part().Replace(operation, "{}");

    [GeneratedRegex(@"^(?<operation>\S+ /\S*) for (?<client>.+)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"^\| `(?<operation>[A-Z]+ /\S*)` \| works \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Part();
}

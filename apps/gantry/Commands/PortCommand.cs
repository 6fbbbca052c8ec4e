using Gantry.Model;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry port</c>.</summary>
internal static class PortCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "port",
        Usage = "CONTAINER [PRIVATE_PORT[/PROTO]]",
        Summary = "List port mappings or a specific mapping for the container",
        Aliases = ["container port", "port"],
        Arity = Arity.Between(1, 2),
        Names = Names.RunningContainers,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        using var json = JsonDocument.Parse(invocation.Client.Containers.Inspect(invocation.Arguments[0]));
        var ports = json.RootElement.TryGetProperty("NetworkSettings", out var settings) && settings.TryGetProperty("Ports", out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().Where(static p => p.Value.ValueKind == JsonValueKind.Array).ToList()
            : [];
        if (invocation.Arguments.Count == 1)
        {
            foreach (var line in ports.SelectMany(static p => Addresses(p.Value).Select(a => $"{p.Name} -> {a}")).Order(StringComparer.Ordinal))
                invocation.Out.WriteLine(line);
            return ExitCodes.Success;
        }
        var wanted = invocation.Arguments[1].Contains('/', StringComparison.Ordinal) ? invocation.Arguments[1] : invocation.Arguments[1] + "/tcp";
        var found = ports.FirstOrDefault(p => p.Name == wanted);
        if (found.Value.ValueKind != JsonValueKind.Array)
            throw GantryException.Of(ErrorKind.NotFound, $"no public port '{wanted}' published for {invocation.Arguments[0]}");
        foreach (var address in Addresses(found.Value))
            invocation.Out.WriteLine(address);
        return ExitCodes.Success;
    }

    private static IEnumerable<string> Addresses(JsonElement bindings)
    {
        foreach (var binding in bindings.EnumerateArray())
        {
            var ip = binding.GetProperty("HostIp").GetString() ?? "";
            yield return (ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip) + ":" + binding.GetProperty("HostPort").GetString();
        }
    }
}

using System.Globalization;
using System.Text.Json;

namespace Gantry.Cli.Output;

/// <summary>A container's ports as <c>ps</c> shows them: neighbours drawn together, mappings to other numbers last.</summary>
internal static class PortText
{
    private readonly record struct Port(string Address, int Inside, int Outside, string Protocol);

    /// <summary>The text for the Ports array of a container in a list.</summary>
    public static string Of(JsonElement ports)
    {
        if (ports.ValueKind != JsonValueKind.Array || ports.GetArrayLength() == 0)
            return "";
        var sorted = ports.EnumerateArray().Select(Read).OrderBy(static p => p.Inside).ThenBy(static p => p.Address, StringComparer.Ordinal)
            .ThenBy(static p => p.Outside).ThenBy(static p => p.Protocol, StringComparer.Ordinal);
        var result = new List<string>();
        var mapped = new List<string>();
        var runs = new List<(string Address, string Protocol, int First, int Last)>();
        foreach (var port in sorted)
        {
            if (port.Address.Length > 0 && port.Outside != port.Inside)
            {
                mapped.Add($"{Joined(port.Address, Text(port.Outside))}->{port.Inside}/{port.Protocol}");
                continue;
            }
            var at = runs.FindIndex(r => r.Address == port.Address && r.Protocol == port.Protocol);
            if (at < 0)
            {
                runs.Add((port.Address, port.Protocol, port.Inside, port.Inside));
            }
            else if (port.Inside == runs[at].Last + 1)
            {
                runs[at] = runs[at] with { Last = port.Inside };
            }
            else
            {
                result.Add(Run(runs[at]));
                runs[at] = runs[at] with { First = port.Inside, Last = port.Inside };
            }
        }
        result.AddRange(runs.Select(Run));
        result.AddRange(mapped);
        return string.Join(", ", result);
    }

    private static string Run((string Address, string Protocol, int First, int Last) run)
    {
        var ports = run.First == run.Last ? Text(run.First) : $"{run.First}-{run.Last}";
        return (run.Address.Length > 0 ? $"{Joined(run.Address, ports)}->" : "") + $"{ports}/{run.Protocol}";
    }

    private static Port Read(JsonElement port) => new(
        port.TryGetProperty("IP", out var address) ? address.GetString() ?? "" : "",
        port.TryGetProperty("PrivatePort", out var inside) ? inside.GetInt32() : 0,
        port.TryGetProperty("PublicPort", out var outside) ? outside.GetInt32() : 0,
        port.TryGetProperty("Type", out var protocol) ? protocol.GetString() ?? "" : "");

    private static string Joined(string address, string ports) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{ports}" : $"{address}:{ports}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gantry.Cli.Output;

/// <summary><c>--filter name=web</c> as the API takes it: <c>{"name":{"web":true}}</c>.</summary>
internal static class Filters
{
    /// <summary>The filters as JSON; null: there are none.</summary>
    public static string? Wire(IReadOnlyList<string> filters)
    {
        var byName = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var filter in filters)
        {
            var equals = filter.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;
            if (!byName.TryGetValue(filter[..equals], out var values))
                byName[filter[..equals]] = values = new(StringComparer.Ordinal);
            values.Add(filter[(equals + 1)..]);
        }
        if (byName.Count == 0)
            return null;
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, values) in byName)
            {
                json.WriteStartObject(name);
                foreach (var value in values)
                    json.WriteBoolean(value, true);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

using System.Globalization;
using Gantry.Cli.Flags;
using Gantry.Model.Api;

namespace Gantry.Cli.Specs;

/// <summary><c>--gpus all</c>, <c>--gpus 2</c>, <c>--gpus '"device=0,1",capabilities=utility'</c>.</summary>
internal static class GpuSpec
{
    /// <summary>Checks a value and returns it as it is.</summary>
    public static string Check(string value)
    {
        Parse(value);
        return value;
    }

    /// <summary>Reads a request for GPUs.</summary>
    /// <exception cref="FlagException">It makes no sense.</exception>
    public static DeviceRequest Parse(string value)
    {
        var driver = "";
        long? count = null;
        IReadOnlyList<string>? devices = null;
        List<string> capabilities = [];
        var options = new Dictionary<string, string>();
        var seen = new HashSet<string>();
        foreach (var field in Csv.Parse(value))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? "count" : field[..equals];
            var text = equals < 0 ? field : field[(equals + 1)..];
            if (!seen.Add(key))
                throw new FlagException($"gpu request key '{key}' can be specified only once");
            switch (key)
            {
                case "driver":
                    driver = text;
                    break;
                case "count":
                    count = Count(text);
                    break;
                case "device":
                    devices = text.Split(',');
                    break;
                case "capabilities":
                    capabilities.AddRange(text.Split(','));
                    break;
                case "options":
                    foreach (var pair in Csv.Parse(text))
                    {
                        var at = pair.IndexOf('=', StringComparison.Ordinal);
                        options[at < 0 ? pair : pair[..at]] = at < 0 ? "" : pair[(at + 1)..];
                    }
                    break;
                default:
                    throw new FlagException($"unexpected key '{key}' in '{field}'");
            }
        }
        capabilities.Add("gpu");
        return new()
        {
            Driver = driver,
            Count = count ?? (devices is null ? 1 : 0),
            DeviceIDs = devices,
            Capabilities = [capabilities],
            Options = options,
        };
    }

    private static long Count(string text)
    {
        if (text == "all")
            return -1;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new FlagException($"invalid count ({text}): value must be either \"all\" or an integer: invalid syntax");
    }
}

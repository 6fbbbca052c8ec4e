using System.Text.Json;
using Gantry.Tests.Support;

namespace Gantry.Tests.Unit.Compat;

/// <summary>Why something of Docker's API is not there and is not meant to be: reasons.json. Each must be about something that is really not there.</summary>
internal sealed class Reasons
{
    private readonly Dictionary<string, string> _reasons =
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Repository.Root, "tests/Unit/Compat/reasons.json")))!;

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The reasons that nothing asked for: what they are about works, or does not exist.</summary>
    public IEnumerable<string> Unused => _reasons.Keys.Where(key => !_used.Contains(key));

    /// <summary>The reason where there is one, else what is said without.</summary>
    /// <param name="about">As in <c>answer HostConfig.Memory</c>; a reason for <c>answer HostConfig</c> is one for all its fields.</param>
    /// <param name="otherwise">What is said without.</param>
    public string Instead(string about, string otherwise)
    {
        var key = _reasons.ContainsKey(about) ? about : about[..Math.Max(0, about.LastIndexOf('.'))];
        if (!_reasons.TryGetValue(key, out var reason))
            return otherwise;
        _used.Add(key);
        return $"left out: {reason}";
    }
}

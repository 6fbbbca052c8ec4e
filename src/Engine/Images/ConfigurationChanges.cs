using System.Globalization;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Images;

/// <summary>Applies Dockerfile instructions to an image's configuration (<c>import --change</c>, <c>commit --change</c>).</summary>
/// <remarks>Source: Engine API, POST /images/create, changes.</remarks>
internal static class ConfigurationChanges
{
    private static readonly HashSet<string> s_instructions =
        ["CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR", "SHELL", "HEALTHCHECK"];

    /// <summary>The configuration after all instructions.</summary>
    /// <exception cref="GantryException">Invalid: an instruction that cannot be used here, or malformed.</exception>
    public static ImageConfig Apply(ImageConfig config, IEnumerable<string> changes)
    {
        var commandSet = false;
        foreach (var change in changes.SelectMany(c => c.Split('\n')).Select(c => c.Trim()).Where(c => c.Length > 0 && c[0] != '#'))
        {
            var end = change.IndexOfAny([' ', '\t']);
            var instruction = (end < 0 ? change : change[..end]).ToUpperInvariant();
            var arguments = end < 0 ? "" : change[end..].Trim();
            if (arguments.Length == 0 && s_instructions.Contains(instruction))
                throw GantryException.Of(ErrorKind.Invalid, $"{instruction} requires at least one argument");
            config = Apply(config, instruction, arguments);
            // A new entrypoint makes the old command meaningless, but not one that was set here.
            commandSet |= instruction == "CMD";
            if (instruction == "ENTRYPOINT" && !commandSet)
                config = config with { Cmd = null };
        }

        return config;
    }

    private static ImageConfig Apply(ImageConfig config, string instruction, string arguments) => instruction switch
    {
        "CMD" => config with { Cmd = Command(config, arguments) },
        "ENTRYPOINT" => config with { Entrypoint = Command(config, arguments) },
        "ENV" => config with { Env = Environment(config.Env, arguments) },
        "EXPOSE" => config with { ExposedPorts = With(config.ExposedPorts, InstructionWords.Split(arguments).SelectMany(Ports)) },
        "LABEL" => config with { Labels = Labels(config.Labels, arguments) },
        "ONBUILD" => config with { OnBuild = [.. config.OnBuild ?? [], Trigger(arguments)] },
        "STOPSIGNAL" => config with { StopSignal = arguments },
        "USER" => config with { User = arguments },
        "VOLUME" => config with { Volumes = With(config.Volumes, InstructionWords.Json(arguments) ?? InstructionWords.Split(arguments)) },
        "WORKDIR" => config with { WorkingDir = Directory(config.WorkingDir, arguments) },
        "SHELL" => config with { Shell = InstructionWords.Json(arguments) ?? throw GantryException.Of(ErrorKind.Invalid, "SHELL requires the arguments to be in JSON form") },
        "HEALTHCHECK" => config with { Healthcheck = Health(config, arguments) },
        _ => throw GantryException.Of(ErrorKind.Invalid, $"{instruction} is not a valid change command"),
    };

    private static IReadOnlyList<string> Command(ImageConfig config, string arguments) =>
        InstructionWords.Json(arguments) ?? [.. config.Shell ?? ["/bin/sh", "-c"], arguments];

    private static List<string> Environment(IReadOnlyList<string>? env, string arguments)
    {
        var result = env?.ToList() ?? [];
        foreach (var (name, value) in InstructionWords.Pairs("ENV", arguments))
        {
            // In its place: the order of the others stays, as with a Dockerfile's.
            var at = result.FindIndex(e => e == name || e.StartsWith(name + "=", StringComparison.Ordinal));
            if (at < 0)
                result.Add($"{name}={value}");
            else
                result[at] = $"{name}={value}";
        }

        return result;
    }

    private static Dictionary<string, string> Labels(IReadOnlyDictionary<string, string>? labels, string arguments)
    {
        var result = labels?.ToDictionary() ?? [];
        foreach (var (name, value) in InstructionWords.Pairs("LABEL", arguments))
            result[name] = value;
        return result;
    }

    private static Dictionary<string, EmptyObject> With(IReadOnlyDictionary<string, EmptyObject>? set, IEnumerable<string> more)
    {
        var result = set?.ToDictionary() ?? [];
        foreach (var one in more)
            result[one] = new();
        return result;
    }

    // 80, 80/tcp, 8000-8010/udp
    private static IEnumerable<string> Ports(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        var range = (slash < 0 ? text : text[..slash]).Split('-');
        if (protocol is not ("tcp" or "udp" or "sctp") || range.Length > 2 || !ushort.TryParse(range[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) || !ushort.TryParse(range[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
            throw GantryException.Of(ErrorKind.Invalid, $"invalid containerPort: {text}");
        return Enumerable.Range(first, last - first + 1).Select(port => $"{port}/{protocol}");
    }

    private static string Trigger(string arguments)
    {
        var instruction = arguments.Split(' ', 2)[0].ToUpperInvariant();
        if (instruction == "ONBUILD")
            throw GantryException.Of(ErrorKind.Invalid, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        return instruction is "MAINTAINER" or "FROM" ? throw GantryException.Of(ErrorKind.Invalid, $"{instruction} isn't allowed as an ONBUILD trigger") : arguments;
    }

    private static string Directory(string? current, string arguments)
    {
        var path = arguments.StartsWith('/') ? arguments : $"{current ?? ""}/{arguments}";
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }

        return "/" + string.Join('/', parts);
    }

    // Options first: --interval=30s --timeout=5s --start-period=1m --start-interval=1s --retries=3
    private static HealthConfig Health(ImageConfig config, string arguments)
    {
        var health = new HealthConfig();
        while (arguments.StartsWith("--", StringComparison.Ordinal))
        {
            var parts = arguments.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries);
            var option = parts[0].Split('=', 2);
            arguments = parts.Length == 2 ? parts[1] : "";
            var value = option.Length == 2 ? option[1] : "";
            health = option[0] switch
            {
                "--interval" => health with { Interval = Nanoseconds(value) },
                "--timeout" => health with { Timeout = Nanoseconds(value) },
                "--start-period" => health with { StartPeriod = Nanoseconds(value) },
                "--start-interval" => health with { StartInterval = Nanoseconds(value) },
                "--retries" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var retries) => health with { Retries = retries },
                _ => throw GantryException.Of(ErrorKind.Invalid, $"HEALTHCHECK does not know {parts[0]}"),
            };
        }

        var kind = arguments.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries);
        return kind[0].ToUpperInvariant() switch
        {
            "NONE" => new() { Test = ["NONE"] },
            "CMD" when kind.Length == 2 => health with { Test = InstructionWords.Json(kind[1]) is { } words ? ["CMD", .. words] : ["CMD-SHELL", kind[1]] },
            _ => throw GantryException.Of(ErrorKind.Invalid, $"Unknown type \"{kind[0]}\" in HEALTHCHECK (try CMD)"),
        };
    }

    private static long Nanoseconds(string text)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(100);
        return text.Length > 0 && char.IsAsciiLetter(text[^1]) ? (now - ImageTimes.Moment(text, now)).Ticks * 100 : throw GantryException.Of(ErrorKind.Invalid, $"invalid duration \"{text}\": write it as 30s or 1m30s");
    }
}

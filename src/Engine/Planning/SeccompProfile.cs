using System.Globalization;
using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>A seccomp profile in Docker's format: rules with conditions on architecture, capabilities and kernel.</summary>
/// <remarks>Source: moby profiles/seccomp.</remarks>
public sealed class SeccompProfile
{
    private static readonly Lazy<SeccompProfile> _default = new(ReadDefault);

    private readonly string _defaultAction;
    private readonly uint? _defaultErrnoRet;
    private readonly IReadOnlyList<string>? _architectures;
    private readonly List<(string Architecture, IReadOnlyList<string> Others)> _architectureMap = [];
    private readonly IReadOnlyList<string>? _flags;
    private readonly string? _listenerPath;
    private readonly string? _listenerMetadata;
    private readonly List<Rule> _rules = [];

    private SeccompProfile(JsonElement root)
    {
        _defaultAction = Text(root, "defaultAction") ?? throw new FormatException("defaultAction is missing");
        _defaultErrnoRet = Number(root, "defaultErrnoRet") is { } errno ? checked((uint)errno) : null;
        _architectures = Texts(root, "architectures");
        _flags = Texts(root, "flags");
        _listenerPath = Text(root, "listenerPath");
        _listenerMetadata = Text(root, "listenerMetadata");
        foreach (var entry in Items(root, "archMap"))
            _architectureMap.Add((Text(entry, "architecture") ?? "", Texts(entry, "subArchitectures") ?? []));
        if (_architectures is { Count: > 0 } && _architectureMap.Count > 0)
            throw new FormatException("both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'");
        foreach (var entry in Items(root, "syscalls"))
            _rules.Add(ReadRule(entry));
    }

    /// <summary>The profile containers get that name none.</summary>
    public static SeccompProfile Default => _default.Value;

    /// <summary>Reads a profile.</summary>
    /// <exception cref="GantryException">Invalid: not JSON, or not a profile.</exception>
    public static SeccompProfile Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException("it is not an object");
            return new(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"decoding seccomp profile failed: {e.Message}", cause: e);
        }
    }

    /// <summary>Resolves the conditions for one container.</summary>
    /// <param name="capabilities">The container's bounding set.</param>
    /// <param name="facts">Architecture and kernel.</param>
    public LinuxSeccomp Resolve(IReadOnlyList<string> capabilities, HostFacts facts)
    {
        var bounding = capabilities.ToHashSet(StringComparer.Ordinal);
        return new()
        {
            DefaultAction = _defaultAction,
            DefaultErrnoRet = _defaultErrnoRet,
            Architectures = Architectures(facts.Architecture),
            Flags = _flags,
            ListenerPath = _listenerPath,
            ListenerMetadata = _listenerMetadata,
            Syscalls = [.. _rules.Where(rule => rule.Applies(bounding, facts)).Select(rule => rule.Syscalls)],
        };
    }

    private IReadOnlyList<string>? Architectures(string machine)
    {
        if (_architectures is { Count: > 0 })
            return _architectures;
        var native = machine switch { "amd64" => "SCMP_ARCH_X86_64", "arm64" => "SCMP_ARCH_AARCH64", _ => "" };
        var entry = _architectureMap.Find(candidate => candidate.Architecture == native);
        return entry.Others is null ? null : [native, .. entry.Others];
    }

    private static SeccompProfile ReadDefault()
    {
        using var stream = typeof(SeccompProfile).Assembly.GetManifestResourceStream("seccomp-default.json")
            ?? throw new InvalidOperationException("the default seccomp profile is not embedded");
        using var document = JsonDocument.Parse(stream);
        return new(document.RootElement);
    }

    private static Rule ReadRule(JsonElement entry)
    {
        var names = Texts(entry, "names") ?? [];
        if (Text(entry, "name") is { Length: > 0 } name)
            names = names.Count == 0 ? [name] : throw new FormatException("both 'name' and 'names' are specified in a rule, use either");
        var args = Items(entry, "args").Select(arg => new LinuxSyscallArg
        {
            Index = (uint)(Number(arg, "index") ?? 0),
            Value = Number(arg, "value") ?? 0,
            ValueTwo = Number(arg, "valueTwo"),
            Op = Text(arg, "op") ?? throw new FormatException("an argument of a rule has no op"),
        }).ToList();
        var syscalls = new LinuxSyscallRule
        {
            Names = names,
            Action = Text(entry, "action") ?? throw new FormatException($"the rule for {string.Join(", ", names)} has no action"),
            ErrnoRet = Number(entry, "errnoRet") is { } errno ? checked((uint)errno) : null,
            Args = args.Count > 0 ? args : null,
        };
        return new(syscalls, Condition.Read(entry, "includes"), Condition.Read(entry, "excludes"));
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.EnumerateArray() : default;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static ulong? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetUInt64() : null;

    private static IReadOnlyList<string>? Texts(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? [.. value.EnumerateArray().Select(item => item.GetString() ?? "")] : null;

    private sealed record Rule(LinuxSyscallRule Syscalls, Condition? Includes, Condition? Excludes)
    {
        public bool Applies(HashSet<string> bounding, HostFacts facts) =>
            (Excludes is null || !Excludes.Any(bounding, facts)) && (Includes is null || Includes.All(bounding, facts));
    }

    private sealed record Condition(IReadOnlyList<string> Architectures, IReadOnlyList<string> Capabilities, Version? MinKernel)
    {
        public static Condition? Read(JsonElement rule, string name)
        {
            if (!rule.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return null;
            return new(Texts(value, "arches") ?? [], Texts(value, "caps") ?? [], Text(value, "minKernel") is { Length: > 0 } kernel ? Kernel(kernel) : null);
        }

        // excludes: one that holds is enough to leave the rule out.
        public bool Any(HashSet<string> bounding, HostFacts facts) =>
            Architectures.Contains(facts.Architecture) || Capabilities.Any(bounding.Contains) || (MinKernel is not null && facts.KernelVersion >= MinKernel);

        // includes: all must hold.
        public bool All(HashSet<string> bounding, HostFacts facts) =>
            (Architectures.Count == 0 || Architectures.Contains(facts.Architecture)) && Capabilities.All(bounding.Contains) && (MinKernel is null || facts.KernelVersion >= MinKernel);

        private static Version Kernel(string text)
        {
            var parts = text.Split('.', 3);
            return parts.Length >= 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
                ? new(major, minor)
                : throw new FormatException($"minKernel \"{text}\" is not a version like 4.8");
        }
    }
}

using System.Globalization;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Reads the values of <c>RUN --mount</c>.</summary>
/// <remarks>Source: moby/buildkit frontend/dockerfile/instructions/commands_runmount.go.</remarks>
public static class MountFlagParser
{
    private static readonly string[] _keys =
    [
        "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid", "src", "dst", "destination", "ro", "rw", "readwrite", "env",
    ];

    /// <summary>Reads a value whose variables are not known yet: only where its files come from is.</summary>
    /// <exception cref="GantryException">Invalid: it cannot be cut at commas, or <c>from</c> has a variable in it.</exception>
    public static MountText ReadUnexpanded(string text)
    {
        string? from = null;
        foreach (var field in Split(text, "mounts"))
        {
            var (key, value) = Cut(field);
            if (key != "from" || value is null)
                continue;
            var dollar = value.IndexOf('$', StringComparison.Ordinal);
            if (dollar >= 0 && dollar < value.Length - 1)
                throw SyntaxFailure.Of("'from' doesn't support variable expansion, define alias stage instead");
            from = value;
        }
        return new() { Text = text, From = string.IsNullOrEmpty(from) ? null : from };
    }

    /// <summary>Reads a value for good.</summary>
    /// <param name="text">As it was written: it is cut first, and its parts are expanded then.</param>
    /// <param name="expand">Replaces the variables of one option's value.</param>
    /// <exception cref="GantryException">Invalid: an option is unknown, has a value that it does not take, or does not go with the type.</exception>
    public static MountFlag Parse(string text, Func<string, string> expand)
    {
        var mount = new MountFlag { Kind = StepMountKind.Bind };
        bool? readOnly = null;
        CacheSharing? sharing = null;
        foreach (var field in Split(text, "mounts"))
        {
            var (key, value) = Cut(field);
            if (value is null)
            {
                if (key is not ("readonly" or "ro" or "readwrite" or "rw" or "required"))
                    throw SyntaxFailure.Of($"invalid field '{field}' must be a key=value pair");
                value = "true";
            }
            else
            {
                value = expand(value);
            }
            switch (key)
            {
                case "readonly" or "ro":
                    readOnly = Bool(key, value);
                    break;
                case "readwrite" or "rw":
                    readOnly = !Bool(key, value);
                    break;
                case "sharing":
                    sharing = Sharing(value);
                    break;
                default:
                    mount = With(mount, field, key, value);
                    break;
            }
        }
        Check(mount, sharing);
        return mount with
        {
            ReadOnly = readOnly ?? mount.Kind is not (StepMountKind.Cache or StepMountKind.Tmpfs),
            Sharing = sharing ?? CacheSharing.Shared,
        };
    }

    /// <summary>Reads a value of <c>--device</c>: a name, and perhaps <c>required</c>.</summary>
    /// <exception cref="GantryException">Invalid: it has other options, or two names.</exception>
    internal static DeviceFlag ReadDevice(string text)
    {
        var device = new DeviceFlag { Name = string.Empty };
        foreach (var field in Split(text, "devices"))
        {
            var (key, value) = Cut(field);
            if (key == "required")
                device = device with { Required = value is null || Bool(key, value) };
            else if (key == "name" && value is not null)
                device = device.Name.Length == 0 ? device with { Name = value } : throw SyntaxFailure.Of($"device name already set to {device.Name}");
            else if (device.Name.Length == 0)
                device = device with { Name = field };
            else
                throw SyntaxFailure.Of(value is null ? $"invalid field '{field}' must be a key=value pair" : $"unexpected key '{key}' in '{field}'{Suggestion.For(key, ["name", "required"])}");
        }
        return device;
    }

    private static MountFlag With(MountFlag mount, string field, string key, string value)
    {
        switch (key)
        {
            case "type":
                return mount with { Kind = Kind(value) };
            case "from":
                return mount with { From = OrNull(value) };
            case "source" or "src":
                return mount with { Source = OrNull(value) };
            case "target" or "dst" or "destination":
                return mount with { Target = OrNull(value) };
            case "id":
                return mount with { Id = OrNull(value) };
            case "env":
                return mount with { Variable = value };
            case "required" when mount.Kind is StepMountKind.Secret or StepMountKind.Ssh:
                return mount with { Required = Bool(key, value) };
            case "size" when mount.Kind == StepMountKind.Tmpfs:
                return mount with { SizeBytes = GoText.FindSize(value) ?? throw SyntaxFailure.Of($"invalid value for size: {value}") };
            case "required" or "size":
                throw SyntaxFailure.Of($"unexpected key '{key}' for mount type '{Name(mount.Kind)}'");
            case "mode":
                return mount with { Mode = Octal(value) };
            case "uid":
                return mount with { Uid = Number(key, value) };
            case "gid":
                return mount with { Gid = Number(key, value) };
            default:
                throw SyntaxFailure.Of($"unexpected key '{key}' in '{field}'{Suggestion.For(key, _keys)}");
        }
    }

    private static void Check(MountFlag mount, CacheSharing? sharing)
    {
        if (mount.Kind is StepMountKind.Bind or StepMountKind.Tmpfs)
        {
            var owner = mount.Mode is not null ? "mode" : mount.Uid is not null ? "uid" : mount.Gid is not null ? "gid" : null;
            if (owner is not null)
                throw SyntaxFailure.Of($"{owner} not allowed for {GoText.Quote(Name(mount.Kind))} type mounts");
        }
        if (mount.Kind == StepMountKind.Secret)
        {
            if (mount.From is not null)
                throw SyntaxFailure.Of("secret mount should not have a from");
            if (sharing is not null)
                throw SyntaxFailure.Of("secret mount should not define sharing");
            if (mount is { Source: null, Target: null, Id: null })
                throw SyntaxFailure.Of("invalid secret mount. one of source, target required");
            if (mount is { Source: not null, Id: not null })
                throw SyntaxFailure.Of("both source and id can't be set");
        }
        if (sharing is not null && mount.Kind != StepMountKind.Cache)
            throw SyntaxFailure.Of($"invalid cache sharing set for {Name(mount.Kind)} mount");
    }

    private static IReadOnlyList<string> Split(string text, string what)
    {
        try
        {
            return CsvFields.Split(text);
        }
        catch (GantryException failure)
        {
            throw SyntaxFailure.Of($"failed to parse csv {what}: {failure.Message}");
        }
    }

    private static (string Key, string? Value) Cut(string field)
    {
        var equals = field.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (field.ToLowerInvariant(), null) : (field[..equals].ToLowerInvariant(), field[(equals + 1)..]);
    }

    private static StepMountKind Kind(string value) => value.ToLowerInvariant() switch
    {
        "bind" => StepMountKind.Bind,
        "cache" => StepMountKind.Cache,
        "tmpfs" => StepMountKind.Tmpfs,
        "secret" => StepMountKind.Secret,
        "ssh" => StepMountKind.Ssh,
        _ => throw SyntaxFailure.Of($"unsupported mount type {GoText.Quote(value)}{Suggestion.For(value, ["bind", "cache", "tmpfs", "secret", "ssh"])}"),
    };

    private static string Name(StepMountKind kind) => kind switch
    {
        StepMountKind.Cache => "cache",
        StepMountKind.Tmpfs => "tmpfs",
        StepMountKind.Secret => "secret",
        StepMountKind.Ssh => "ssh",
        _ => "bind",
    };

    private static CacheSharing Sharing(string value) => value.ToLowerInvariant() switch
    {
        "shared" => CacheSharing.Shared,
        "private" => CacheSharing.Private,
        "locked" => CacheSharing.Locked,
        _ => throw SyntaxFailure.Of($"unsupported sharing value {GoText.Quote(value)}{Suggestion.For(value, ["shared", "private", "locked"])}"),
    };

    private static bool Bool(string key, string value) => GoText.FindBool(value) ?? throw SyntaxFailure.Of($"invalid value for {key}: {value}");

    private static int Octal(string value)
    {
        var isOctal = value.Length is > 0 and <= 11 && value.All(static digit => digit is >= '0' and <= '7');
        var mode = isOctal ? Convert.ToInt64(value, 8) : -1;
        return mode is >= 0 and <= 0xFFF ? (int)mode : throw SyntaxFailure.Of($"invalid value {value} for mode");
    }

    private static long Number(string key, string value) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw SyntaxFailure.Of($"invalid value {value} for {key}");

    private static string? OrNull(string value) => value.Length > 0 ? value : null;
}

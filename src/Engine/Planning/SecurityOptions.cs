using Gantry.Model;

namespace Gantry.Engine.Planning;

/// <summary>What <c>--security-opt</c> says.</summary>
/// <remarks>Source: moby daemon/daemon_unix.go, parseSecurityOpt.</remarks>
internal sealed record SecurityOptions
{
    /// <summary><c>unconfined</c>, <c>builtin</c> or a profile's JSON; null: not given.</summary>
    public string? Seccomp { get; private init; }

    /// <summary>A profile's name or <c>unconfined</c>; null: not given.</summary>
    public string? Apparmor { get; private init; }

    public bool? NoNewPrivileges { get; private init; }

    /// <summary>Whether the container may change its own control groups; null: privileged ones may.</summary>
    public bool? WritableCgroups { get; private init; }

    /// <exception cref="GantryException">Invalid: in Docker's words.</exception>
    public static SecurityOptions Parse(IReadOnlyList<string>? options)
    {
        var problems = new List<string>();
        var parsed = Parse(options, problems);
        return problems.Count == 0 ? parsed : throw GantryException.Of(ErrorKind.Invalid, string.Join('\n', problems));
    }

    public static SecurityOptions Parse(IReadOnlyList<string>? options, List<string> problems)
    {
        var parsed = new SecurityOptions();
        foreach (var option in options ?? [])
        {
            // ':' is the separator of old clients; whichever comes first counts, as a JSON profile is full of colons.
            var separator = option.AsSpan().IndexOfAny('=', ':');
            var key = separator < 0 ? option : option[..separator];
            var value = separator < 0 ? null : option[(separator + 1)..];
            switch (key)
            {
                case "no-new-privileges" when value is null:
                    parsed = parsed with { NoNewPrivileges = true };
                    break;
                case "no-new-privileges":
                    if (value is "true" or "1")
                        parsed = parsed with { NoNewPrivileges = true };
                    else if (value is "false" or "0")
                        parsed = parsed with { NoNewPrivileges = false };
                    else
                        problems.Add($"invalid --security-opt 2: \"{option}\"");
                    break;
                case "seccomp" when value is { Length: > 0 }:
                    parsed = parsed with { Seccomp = value };
                    break;
                case "apparmor" when value is { Length: > 0 }:
                    parsed = parsed with { Apparmor = value };
                    if (value is not "unconfined" and not "docker-default")
                        problems.Add($"AppArmor profile \"{value}\" cannot be applied: AppArmor is not supported; leave the option out");
                    break;
                case "label" when value == "disable":
                case "disable" when value is null:
                    break;
                case "label" when value is not null:
                    problems.Add($"SELinux label \"{value}\" cannot be applied: SELinux is not supported; leave the option out or write label=disable");
                    break;
                case "writable-cgroups" when value is null or "true" or "false":
                    parsed = parsed with { WritableCgroups = value != "false" };
                    break;
                default:
                    problems.Add(value is null ? $"invalid --security-opt 1: \"{option}\"" : $"invalid --security-opt 2: \"{option}\"");
                    break;
            }
        }

        return parsed;
    }
}

using Gantry.Engine.Planning;

namespace Gantry.Engine.Volumes;

/// <summary>Reads one <c>-v</c>: <c>[SOURCE:]DESTINATION[:OPTIONS]</c>.</summary>
/// <remarks>Source: moby volume/mounts/linux_parser.go, ParseMountRaw.</remarks>
internal static class BindText
{
    private static readonly HashSet<string> _propagation = new(StringComparer.Ordinal) { "private", "rprivate", "slave", "rslave", "shared", "rshared" };

    public static MountRequest? Parse(string text, List<string> problems)
    {
        var parts = text.Split(':');
        if (parts.Length > 3 || parts[0].Length == 0)
        {
            problems.Add($"invalid volume specification: '{text}'");
            return null;
        }

        // "/path" and "/path:ro" make an anonymous volume, "/a:/b" a bind: the second part tells, by being options or not.
        var (source, destination, mode) = parts switch
        {
            [var only] => ((string?)null, only, ""),
            [var first, var second] when second.Length > 0 && Array.TrueForAll(second.Split(','), option => KindOf(option).Length > 0) => (null, first, second),
            [var first, var second] => (first, second, ""),
            _ => (parts[0], parts[1], parts[2]),
        };
        if (source is not null && destination.Length == 0)
        {
            problems.Add($"invalid volume specification: '{text}'");
            return null;
        }

        var count = problems.Count;
        var clean = ContainerPath.Clean(destination, problems, text);
        var isBind = source?.StartsWith('/') == true;
        if (source is not null && !isBind && VolumeNames.Problem(source) is { } problem)
            problems.Add(problem);
        var request = new MountRequest
        {
            Kind = isBind ? PlanMountKind.Bind : PlanMountKind.Volume,
            Destination = clean ?? "",
            Source = isBind ? ContainerPath.CleanHost(source!) : source,
            CreateSource = isBind,
            Mode = mode.Length == 0 && source is not null && !isBind ? "z" : mode, // Source: moby daemon/volumes_unix.go setBindModeIfNull
        };
        if (source is not null && !isBind && Array.Exists(mode.Split(','), _propagation.Contains))
            problems.Add($"invalid volume specification: '{text}': invalid mount config for type \"volume\": field BindOptions must not be specified");
        else
            request = Options(request, mode, problems);
        return problems.Count == count ? request : null;
    }

    private static MountRequest Options(MountRequest request, string mode, List<string> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in mode.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var kind = KindOf(option);
            var isBind = request.Kind == PlanMountKind.Bind;
            if (kind.Length == 0 || !seen.Add(kind) || (kind == "copy" && isBind) || (kind == "propagation" && !isBind))
            {
                problems.Add($"invalid mode: {mode}");
                break;
            }

            request = kind switch
            {
                "access" => request with { ReadOnly = option == "ro" },
                "copy" => request with { CopyUp = false },
                "propagation" => request with { Propagation = option },
                // SELinux labels and the consistency of macOS mounts: nothing to do on this machine, as with dockerd.
                _ => request,
            };
        }

        return request;
    }

    // Of each kind one may be given.
    private static string KindOf(string option) => option switch
    {
        "ro" or "rw" => "access",
        "z" or "Z" => "label",
        "nocopy" => "copy",
        "consistent" or "cached" or "delegated" => "consistency",
        _ => _propagation.Contains(option) ? "propagation" : "",
    };
}

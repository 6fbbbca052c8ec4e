using Gantry.Api.BuildKit.Wire.Frontend;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>What clients may rely on. What is not named here they do without, or say that the engine is too old.</summary>
/// <remarks>Source: buildkit frontend/gateway/pb/caps.go and solver/pb/caps.go. Merged outputs of BuildKit's own graphs and containers of frontends are not named, because they are not here.</remarks>
internal static class Capabilities
{
    public static IEnumerable<APICap> Frontend { get; } = Enabled(
        "solve.base", "readfile", "readdir", "statfile", "reference.output", "resolveimage", "resolveimage.resolvemode", "return", "returnmap", "importcaches", "proto.refarray",
        "frontend.inputs", "gateway.solve.metadata", "frontend.caps", "gateway.solve.evaluate", "gateway.evaluate", "gateway.warnings");

    public static IEnumerable<APICap> Graph { get; } = Enabled(
        "source.image", "source.image.resolvemode", "source.local", "source.local.unique", "source.local.sessionid", "source.local.includepatterns",
        "source.local.followpaths", "source.local.excludepatterns", "source.local.sharedkeyhint", "source.git", "source.git.keepgitdir", "source.git.fullurl",
        "source.git.httpauth", "source.git.subdir", "source.http", "source.ocilayout", "source.http.checksum", "source.http.perm", "soruce.http.uidgid",
        "exec.meta.base", "exec.meta.cgroup.parent", "exec.meta.network", "exec.meta.proxyenv", "exec.meta.security", "exec.meta.setsdefaultpath", "exec.meta.ulimit",
        "exec.mount.bind", "exec.mount.bind.readwrite-nooutput", "exec.mount.cache", "exec.mount.cache.sharing", "exec.mount.selector", "exec.mount.tmpfs",
        "exec.mount.tmpfs.size", "exec.mount.secret", "exec.mount.ssh", "exec.secretenv", "file.base", "constraints", "platform", "meta.ignorecache",
        "meta.description", "meta.exportcache", "exporter.multiple", "exporter.image.attestations", "exporter.image.annotations");

    private static APICap[] Enabled(params ReadOnlySpan<string> names)
    {
        var caps = new APICap[names.Length];
        for (var i = 0; i < names.Length; i++)
            caps[i] = new APICap { ID = names[i], Enabled = true };
        return caps;
    }
}

using Gantry.Model;

namespace Gantry.Engine.Composition;

/// <summary>Where the engine keeps things on disk, apart from images and volumes. Pure.</summary>
public sealed class EnginePaths(string dataRoot)
{
    /// <summary>Held open and locked by the engine that has the roots.</summary>
    public string LockFile { get; } = Path.Combine(dataRoot, "engine.lock");

    public string Database { get; } = Path.Combine(dataRoot, "gantry.db");

    /// <summary>One directory for each container.</summary>
    public string Containers { get; } = Path.Combine(dataRoot, "containers");

    /// <summary>The logs of the newest builds.</summary>
    public string BuildLogs { get; } = Path.Combine(dataRoot, "build-logs");

    /// <summary>What clients send with their builds, while these run.</summary>
    public string Uploads { get; } = Path.Combine(dataRoot, "uploads");

    /// <summary>A container's own directory: its log, and the files bound over /etc/hosts and the like.</summary>
    public string Container(ContainerId id) => Path.Combine(Containers, id.ToString());

    /// <summary>The newest file of a container's log, named as Docker names it.</summary>
    public string Log(ContainerId id) => Path.Combine(Container(id), $"{id}-json.log");

    /// <summary>The newest file of a log that the driver <c>local</c> keeps.</summary>
    public string LocalLog(ContainerId id) => Path.Combine(Container(id), "local-logs.log");

    /// <summary>The newest file of what was sent to a log server, kept to be read back.</summary>
    public string CachedLog(ContainerId id) => Path.Combine(Container(id), "container-cached.log");

    public string Hosts(ContainerId id) => Path.Combine(Container(id), "hosts");

    public string Hostname(ContainerId id) => Path.Combine(Container(id), "hostname");

    public string ResolvConf(ContainerId id) => Path.Combine(Container(id), "resolv.conf");
}

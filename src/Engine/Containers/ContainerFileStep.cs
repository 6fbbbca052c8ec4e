using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Operations;
using Gantry.Engine.Remap;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Network.Files;

namespace Gantry.Engine.Containers;

/// <summary>Makes what of the host is bound into every container: its /etc/hosts, /etc/hostname and /etc/resolv.conf, and memory that it shares.</summary>
internal sealed class ContainerFileStep(EngineParts parts, SharedMemory shared)
{
    private readonly NameServers _names = new(parts);

    /// <summary>Where the files of one container are, and the directory of its shared memory, when it shares some.</summary>
    internal sealed record Paths(string Hosts, string Hostname, string ResolvConf, string? SharedMemory);

    /// <summary>Writes them anew for each start: the address may be another.</summary>
    public Paths Write(ContainerRecord record, NetworkAttachment attached, IReadOnlyList<string> linkedHosts, UndoStack undo)
    {
        // A container in another's network sees that one's files.
        var owner = attached.Donor is { } donor ? parts.Containers.NetworkOwner(donor).Record : record;
        var paths = new Paths(parts.Paths.Hosts(owner.Id), parts.Paths.Hostname(owner.Id), parts.Paths.ResolvConf(owner.Id), shared.Prepare(record, undo));
        if (attached.Donor is not null)
            return paths with { Hostname = WriteHostname(record) };
        WriteHostname(record);
        WriteFile(record, paths.Hosts, HostsText(record, attached, linkedHosts));
        WriteFile(record, paths.ResolvConf, _names.Text(record.HostConfig, attached.Kind, hasIPv6: attached.Endpoint?.Record.Address6 is not null));
        return paths;
    }

    // It belongs to the container's root, whoever that is on the host by now.
    private void WriteFile(ContainerRecord record, string path, string text)
    {
        File.WriteAllText(path, text);
        var (uid, gid) = RemapRules.Of(record.HostConfig, parts.Facts)?.Root ?? (0, 0);
        var status = Files.Status(null, path);
        if ((status.Uid, status.Gid) != (uid, gid) && Files.TryChownAt(null, path, uid, gid) is var result and < 0)
            throw GantryException.During($"give {path} to the container's root", new SyscallException("chown", -result, path));
    }

    private string WriteHostname(ContainerRecord record)
    {
        var path = parts.Paths.Hostname(record.Id);
        WriteFile(record, path, ContainerFiles.Hostname(record.Config.Hostname ?? record.Id.Short));
        return path;
    }

    private string HostsText(ContainerRecord record, NetworkAttachment attached, IReadOnlyList<string> linkedHosts)
    {
        var gateway = parts.Options.HostGateway ?? parts.Bridge.Gateway.ToString();
        if (attached.Kind == NetworkKind.Host && record.HostConfig.ExtraHosts is not { Count: > 0 })
            return NameServers.ReadHost("/etc/hosts");
        var own = ContainerFiles.Hosts(
            record.Config.Hostname ?? record.Id.Short,
            record.Config.Domainname,
            attached.Endpoint is { } endpoint ? [endpoint.Address.ToString(), .. endpoint.Record.Address6 is { } six ? [six] : Array.Empty<string>()] : [],
            [.. linkedHosts, .. record.HostConfig.ExtraHosts ?? []],
            gateway);
        return own;
    }
}

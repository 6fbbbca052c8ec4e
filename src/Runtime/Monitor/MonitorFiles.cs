using System.Buffers;
using System.Text.Json;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Monitor;

/// <summary>What a monitor leaves in its container's run-time directory for engines to come.</summary>
/// <remarks>
/// <c>monitor.sock</c>: where it is reached. <c>monitor.json</c>: who it is, and what to clean up when it was killed.
/// <c>exit.json</c>: how the container ended; written, synced and renamed before anybody hears of it.
/// </remarks>
internal sealed class MonitorFiles(string directory)
{
    private const int Version = 1;

    public string Directory { get; } = directory;

    public string Socket => Path.Combine(Directory, "monitor.sock");

    private string RecordPath => Path.Combine(Directory, "monitor.json");

    private string ExitPath => Path.Combine(Directory, "exit.json");

    /// <summary>Removes what an earlier monitor of the same container left, and listens.</summary>
    public Fd Listen()
    {
        foreach (var path in new[] { Socket, RecordPath, ExitPath })
            Remove(path);
        // NOTE: sun_path has 108 bytes and an exec root may be long: bound through a descriptor of the directory.
        using var opened = Files.Open(Directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        var mask = Processes.SetUmask(0x7F); // 0177: the socket gets 0600
        try
        {
            return Sockets.Listen($"{opened.ProcPath}/monitor.sock");
        }
        finally
        {
            Processes.SetUmask(mask);
        }
    }

    /// <summary>Removes socket and record; the exit stays.</summary>
    public void RemoveSocketAndRecord()
    {
        Remove(Socket);
        Remove(RecordPath);
    }

    public void WriteRecord(MonitorRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteNumber("pid"u8, record.Pid);
            json.WriteNumber("startTicks"u8, record.StartTicks);
            json.WriteNumber("initPid"u8, record.InitPid);
            json.WriteNumber("initStartTicks"u8, record.InitStartTicks);
            json.WriteStartObject("cgroups"u8);
            foreach (var (controller, path) in record.CgroupPaths)
                json.WriteString(controller, path);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        Replace(RecordPath, buffer.WrittenSpan);
    }

    /// <summary>The record of the monitor that was here; null when there is none, or none that can be read.</summary>
    public MonitorRecord? FindRecord()
    {
        if (Files.TryOpenAt(null, RecordPath, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0, out var file) < 0)
            return null;
        using (file)
        {
            try
            {
                using var json = JsonDocument.Parse(Files.ReadToEnd(file!));
                var root = json.RootElement;
                return new MonitorRecord
                {
                    Pid = root.GetProperty("pid"u8).GetInt32(),
                    StartTicks = root.GetProperty("startTicks"u8).GetInt64(),
                    InitPid = root.GetProperty("initPid"u8).GetInt32(),
                    InitStartTicks = root.GetProperty("initStartTicks"u8).GetInt64(),
                    CgroupPaths = root.GetProperty("cgroups"u8).EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!),
                };
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                return null;
            }
        }
    }

    public bool HasExit => Files.TryStatus(null, ExitPath, OpenFlags.AT_SYMLINK_NOFOLLOW, out _) == 0;

    public void WriteExit(ContainerExit exit)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        MonitorAnswers.WriteExit(buffer, exit);
        Durable.Replace(ExitPath, buffer.WrittenSpan);
    }

    // Not synced: after a loss of power there is no process left that it could name.
    private static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var file = Files.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, 0x180))
            Files.WriteAll(file, content);
        var renamed = Files.TryRenameAt(null, temporary, null, path);
        if (renamed < 0)
            throw new SyscallException("rename", -renamed, path);
    }

    private static void Remove(string path)
    {
        var removed = Files.TryUnlinkAt(null, path);
        if (removed is not (0 or -Errno.ENOENT))
            throw new SyscallException("unlink", -removed, path);
    }
}

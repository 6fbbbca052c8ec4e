using System.IO.Compression;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>Gives the full files of a log their numbers, and compresses them while the container goes on.</summary>
/// <remarks>Source: moby daemon/logger/loggerutils/logfile.go, for the names.</remarks>
internal sealed class LogRotation(MonitorLogOptions options) : IDisposable
{
    private const uint Mode = 0x1A0; // 0640
    private const int Block = 64 * 1024;
    private const string Packed = ".gz";

    private Thread? _compressing;

    /// <summary><c>log</c> → <c>log.1</c> → … → <c>log.(n-1)</c>, compressed or not; the oldest falls off.</summary>
    public void MakeRoom()
    {
        if (options.MaxFiles <= 1)
            return;
        // A container that writes faster than its log is compressed waits: else ever more of it would lie here as it was.
        Wait();
        foreach (var form in (string[])["", Packed])
            _ = Files.TryUnlinkAt(null, NameOf(options.MaxFiles - 1) + form);
        for (var number = options.MaxFiles - 1; number > 1; number--)
        {
            foreach (var form in (string[])["", Packed])
                _ = Files.TryRenameAt(null, NameOf(number - 1) + form, null, NameOf(number) + form);
        }

        _ = Files.TryRenameAt(null, options.Path, null, NameOf(1));
    }

    /// <summary>Begins to compress the file that was the newest one.</summary>
    public void CompressLast()
    {
        if (!options.Compress || options.MaxFiles <= 1)
            return;
        _compressing = new Thread(() => Compress(NameOf(1))) { IsBackground = true, Name = "log" };
        _compressing.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => Wait();

    private void Wait()
    {
        _compressing?.Join();
        _compressing = null;
    }

    private string NameOf(int number) => $"{options.Path}.{number}";

    // What cannot be compressed, for want of space or whatever, stays as it is: it is read all the same.
    private static void Compress(string path)
    {
        var unfinished = path + ".part";
        try
        {
            using (var from = Files.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW))
            using (var to = Files.Open(unfinished, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, Mode))
            using (var source = new DescriptorStream(from))
            using (var target = new DescriptorStream(to))
            using (var packed = new GZipStream(target, CompressionLevel.Fastest))
                source.CopyTo(packed, Block);
            if (Files.TryRenameAt(null, unfinished, null, path + Packed) == 0)
                _ = Files.TryUnlinkAt(null, path);
        }
        catch (Exception error) when (error is SyscallException or IOException)
        {
            _ = Files.TryUnlinkAt(null, unfinished);
        }
    }
}

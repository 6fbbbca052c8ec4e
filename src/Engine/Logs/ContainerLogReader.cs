using System.Runtime.CompilerServices;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Logs;

/// <summary>Reads a container's json-file log back: tail from the end, since and until, follow across rotation. Memory is bounded by a line.</summary>
/// <remarks>Tail counts lines of the log before streams and times are looked at, as moby does.</remarks>
public static class ContainerLogReader
{
    private const int MaxFiles = 1000;

    /// <summary>The lines that the query asks for, oldest first. An absent log has none.</summary>
    /// <param name="path">The newest file; rotated ones are found beside it.</param>
    /// <param name="query">Which lines.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<LogEntry> ReadAsync(string path, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Watched before it is read: nothing can be written unseen in between.
        using var changes = query.Follow ? Watch(path) : null;
        LogFile? file = null;
        LogFile? next = null;
        try
        {
            file = query is { Since: { } since, Tail: null } ? OpenAt(path, since) : OpenFirst(path, query.Tail);
            while (true)
            {
                var ended = !query.Follow || query.Ended is { IsCompleted: true } || IsPast(query.Until);
                while (file is not null)
                {
                    var line = await file.NextLineAsync(cancellationToken);
                    if (line.IsEmpty)
                    {
                        // NOTE: a line may have been written after the last read and before the rotation: read to the end once more.
                        if (next is null)
                        {
                            if ((next = OpenNext(path, file)) is null)
                                break;
                            continue;
                        }
                        file.Dispose();
                        (file, next) = (next, null);
                        continue;
                    }
                    if (LogLineReader.Find(line.Span) is not { } entry)
                        continue;
                    if (entry.Time > query.Until)
                        yield break;
                    if (IsWanted(entry, query))
                        yield return entry;
                }
                if (ended)
                    yield break;
                await WaitAsync(changes!, query, cancellationToken);
                file ??= LogFile.Find(path);
            }
        }
        finally
        {
            file?.Dispose();
            next?.Dispose();
        }
    }

    private static bool IsWanted(LogEntry entry, LogQuery query) =>
        (entry.IsStderr ? query.Stderr : query.Stdout) && !(entry.Time < query.Since);

    private static bool IsPast(DateTimeOffset? time) => time is { } until && TimeProvider.System.GetUtcNow() > until;

    private static DirectoryChanges.Subscription Watch(string path)
    {
        try
        {
            return DirectoryChanges.Shared.Subscribe(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (SyscallException error)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"the log \"{path}\" cannot be followed: {error.Message}; with ENOSPC raise fs.inotify.max_user_watches", cause: error);
        }
    }

    private static async Task WaitAsync(DirectoryChanges.Subscription changes, LogQuery query, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> waits = [changes.WaitAsync(enough.Token)];
        if (query.Ended is not null)
            waits.Add(query.Ended);
        if (query.Until is { } until)
            waits.Add(Task.Delay(Bounded(until - TimeProvider.System.GetUtcNow()), enough.Token));
        await Task.WhenAny(waits);
        cancellationToken.ThrowIfCancellationRequested();
        await enough.CancelAsync();
    }

    // Timers take at most some 49 days; a longer wait simply begins again.
    private static TimeSpan Bounded(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Clamp(wait.TotalMilliseconds + 1, 0, int.MaxValue));

    /// <summary>The file to begin with, at the right place: the oldest, or the one in which the wanted last lines begin.</summary>
    private static LogFile? OpenFirst(string path, int? tail)
    {
        LogFile? first = null;
        var missing = tail is >= 0 ? tail.Value : int.MaxValue;
        foreach (var file in NewestFirst(path))
        {
            if (missing == 0)
            {
                if (first is null)
                {
                    file.SeekEnd();
                    return file;
                }
                file.Dispose();
                break;
            }
            if (tail is >= 0)
                missing -= file.SeekBack(missing);
            first?.Dispose();
            first = file;
        }
        return first;
    }

    /// <summary>The file in which a time lies, or the oldest, at a place shortly before that time.</summary>
    private static LogFile? OpenAt(string path, DateTimeOffset since)
    {
        LogFile? first = null;
        foreach (var file in NewestFirst(path))
        {
            first?.Dispose();
            first = file;
            if (file.FirstTime <= since)
            {
                file.SeekTime(since);
                break;
            }
        }
        return first;
    }

    /// <summary>The file that was begun after this one was full, or the oldest when this one has fallen off the end; null while it is the newest.</summary>
    private static LogFile? OpenNext(string path, LogFile current)
    {
        if (LogFile.InodeOf(path) is var newest && (newest == current.Inode || newest == 0))
            return null;
        LogFile? newer = null;
        foreach (var file in NewestFirst(path))
        {
            if (file.IsSameAs(current))
            {
                file.Dispose();
                return newer;
            }
            newer?.Dispose();
            newer = file;
        }
        return newer;
    }

    /// <summary>The log's files, opened, each once; they are the caller's.</summary>
    /// <remarks>
    /// NOTE: the writer may rotate meanwhile. It gives each file the next number, the oldest first, so that looking upward
    /// misses none; but one number at a time is nobody's, and a file may be met again under its next one.
    /// </remarks>
    private static IEnumerable<LogFile> NewestFirst(string path)
    {
        (ulong Inode, DateTimeOffset? Begin) before = default;
        var missing = 0;
        for (var index = 0; index < MaxFiles && missing < 2; index++)
        {
            if (LogFile.Find(NameOf(path, index)) is not { } file)
            {
                missing++;
                continue;
            }
            missing = 0;
            if (file.Inode == before.Inode || (before.Begin is { } begin && begin == file.FirstTime))
            {
                file.Dispose();
                continue;
            }
            before = (file.Inode, file.FirstTime);
            yield return file;
        }
    }

    private static string NameOf(string path, int index) => index == 0 ? path : $"{path}.{index}";
}

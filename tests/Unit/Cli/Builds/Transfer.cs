using System.IO.Pipelines;
using System.Text.Json;
using Gantry.Build;
using Gantry.Cli.Builds;
using Gantry.Client;
using Gantry.Engine.Builds;
using Gantry.Engine.Uploads;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Cli.Builds;

/// <summary>A client's directory and the engine's copy of it, with both sides' real code between them.</summary>
internal sealed class Transfer : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-transfer-").FullName;
    private readonly KeptContexts _contexts;

    public Transfer()
    {
        Source = Directory.CreateDirectory(Path.Combine(_root, "source")).FullName;
        var contexts = Directory.CreateDirectory(Path.Combine(_root, "contexts")).FullName;
        _contexts = new KeptContexts(contexts, TimeProvider.System);
        Copy = _contexts.Take("one")!;
    }

    /// <summary>The client's directory.</summary>
    public string Source { get; }

    /// <summary>The engine's.</summary>
    public KeptContext Copy { get; }

    public KeptContexts Contexts => _contexts;

    /// <summary>How many files the last call asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>Happens when the engine has asked for contents, before the client hears of it.</summary>
    public Action Between { get; set; } = static () => { };

    public void Put(string name, string content)
    {
        var path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    /// <summary>Brings the copy up to date; returns whether its identity stayed the same.</summary>
    public async Task<bool> UpdateAsync(IReadOnlyList<string>? excludes = null, IReadOnlyList<string>? followPaths = null)
    {
        var before = Copy.Identity;
        await UpdateAsync(Copy, new() { Name = "context", Excludes = excludes ?? [], FollowPaths = followPaths ?? [] });
        return Copy.Identity == before;
    }

    public async Task UpdateAsync(KeptContext copy, ContextRequest request)
    {
        Asked = 0;
        var pipe = new Pipe();
        using var files = new ContextFiles([new("context") { Path = Source }, new("memory") { Files = [("a", [1, 2, 3])] }], TimeProvider.System);
        using var sender = new BuildFilesSender(files);
        await using var body = pipe.Reader.AsStream();
        using var directories = new AskedDirectories(files.Names, "key", body, (line, _) =>
        {
            using var order = JsonDocument.Parse(line);
            if (order.RootElement.GetProperty("send").TryGetProperty("files", out var wanted))
            {
                Asked += wanted.GetArrayLength();
                Between();
            }

            Assert.True(sender.TryTake(order.RootElement));
            return Task.CompletedTask;
        });
        var sending = Task.Factory.StartNew(() => Send(sender, pipe.Writer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await copy.UpdateAsync(request, known => directories.ReceiveAsync(known, copy.Path, null, TestContext.Current.CancellationToken));
        }
        finally
        {
            sender.End();
            await sending;
        }
    }

    /// <summary>What the copy holds: names, modes, and contents or targets.</summary>
    public string Held(string? directory = null) => string.Join('\n', Entries(directory ?? Copy.Path));

    /// <summary>The same of the client's directory.</summary>
    public string Meant() => string.Join('\n', Entries(Source));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static IEnumerable<string> Entries(string directory) =>
        from path in Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let info = new FileInfo(path)
        let what = info.LinkTarget is { } target ? "-> " + target : Directory.Exists(path) ? "/" : File.ReadAllText(path)
        select $"{Path.GetRelativePath(directory, path)} {(info.LinkTarget is null ? Convert.ToString((int)File.GetUnixFileMode(path), 8) : "")} {what}";

    private static void Send(BuildFilesSender sender, PipeWriter writer)
    {
        Exception? failure = null;
        try
        {
            using var stream = writer.AsStream(leaveOpen: true);
            sender.Write(stream);
        }
        catch (GantryException e)
        {
            failure = e;
        }

        writer.Complete(failure);
    }
}

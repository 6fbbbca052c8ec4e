using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Cli.Builds;

/// <summary>Directories are sent to the engine as what changed since the last time.</summary>
public sealed class ContextFilesTests : IDisposable
{
    private readonly Transfer _transfer = new();

    public void Dispose() => _transfer.Dispose();

    private string In(string name) => Path.Combine(_transfer.Source, name);

    private byte[] Raw(string name) => [.. Encoding.UTF8.GetBytes(In(name)), 0];

    /// <summary>Sends, changes something, and sends again.</summary>
    private async Task<bool> ChangeAsync(Action change)
    {
        await _transfer.UpdateAsync();
        Assert.True(await _transfer.UpdateAsync());
        Assert.Equal(0, _transfer.Asked);
        change();
        var same = await _transfer.UpdateAsync();
        Assert.Equal(_transfer.Meant(), _transfer.Held());
        return same;
    }

    private void Tree()
    {
        _transfer.Put("a", "one");
        _transfer.Put("d/b", "two");
        _transfer.Put("d/e/c", "three");
        File.CreateSymbolicLink(In("link"), "d/b");
    }

    [Fact]
    public async Task WhatIsAddedChangedOrRemovedIsSentAlone()
    {
        Tree();
        Assert.False(await ChangeAsync(() =>
        {
            _transfer.Put("d/new", "four");
            _transfer.Put("a", "changed");
            File.Delete(In("d/b"));
            Directory.Delete(In("d/e"), recursive: true);
        }));
        Assert.Equal(2, _transfer.Asked);
        Assert.True(await _transfer.UpdateAsync());
    }

    [Fact]
    public async Task AContentOfTheSameSizeIsSent()
    {
        Tree();
        Assert.False(await ChangeAsync(() => _transfer.Put("a", "eno")));
        Assert.Equal(1, _transfer.Asked);
    }

    [Fact]
    public async Task FilesBecomeDirectoriesAndLinksAndBack()
    {
        Tree();
        Assert.False(await ChangeAsync(() =>
        {
            File.Delete(In("a"));
            _transfer.Put("a/b", "a directory now");
            Directory.Delete(In("d"), recursive: true);
            File.WriteAllText(In("d"), "a file now");
            File.Delete(In("link"));
            Directory.CreateDirectory(In("link"));
        }));
        Assert.False(await ChangeAsync(() =>
        {
            Directory.Delete(In("a"), recursive: true);
            File.CreateSymbolicLink(In("a"), "d");
            Directory.Delete(In("link"));
            File.WriteAllText(In("link"), "x");
        }));
    }

    [Fact]
    public async Task ModesAndLinksAreSent()
    {
        Tree();
        Assert.False(await ChangeAsync(() => File.SetUnixFileMode(In("a"), (UnixFileMode)0x1ED)));
        Assert.False(await ChangeAsync(() => File.SetUnixFileMode(In("d/e"), (UnixFileMode)0x1C0)));
        Assert.False(await ChangeAsync(() =>
        {
            File.Delete(In("link"));
            File.CreateSymbolicLink(In("link"), "d/e");
        }));
    }

    [Fact]
    public async Task ATimeAloneIsSentWithTheContent()
    {
        Tree();
        await ChangeAsync(() => File.SetLastWriteTimeUtc(In("a"), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc)));
        Assert.Equal(1, _transfer.Asked);
        Assert.Equal(new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc), File.GetLastWriteTimeUtc(Path.Combine(_transfer.Copy.Path, "a")));
        // That of a directory is no change of the copy.
        Assert.True(await ChangeAsync(() => Directory.SetLastWriteTimeUtc(In("d"), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc))));
    }

    [Fact]
    public async Task TwoNamesOfOneFileAreOneThere()
    {
        Tree();
        Assert.False(await ChangeAsync(() => Assert.Equal(0, Inodes.MakeLink(null, Raw("a"), null, Raw("again")))));
        await File.AppendAllTextAsync(Path.Combine(_transfer.Copy.Path, "a"), "!", TestContext.Current.CancellationToken);
        Assert.Equal("one!", await File.ReadAllTextAsync(Path.Combine(_transfer.Copy.Path, "again"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ExtendedAttributesComeWithTheContent()
    {
        Tree();
        using (var file = Files.Open(In("a"), OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC))
            Assert.Equal(0, Xattrs.Set(file, "user.color", "red"u8));
        await _transfer.UpdateAsync();
        using var copy = Files.Open(_transfer.Copy.Path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        Assert.Equal("red"u8.ToArray(), Xattrs.Find(copy, "a\0"u8, "user.color"));
    }

    [Fact]
    public async Task WhatChangesBetweenListingAndSendingIsAskedForAgain()
    {
        Tree();
        _transfer.Between = () =>
        {
            _transfer.Put("a", "longer than it was listed");
            File.Delete(In("d/b"));
            Directory.Delete(In("d/e"), recursive: true);
        };
        await _transfer.UpdateAsync();
        Assert.Equal("longer than it was listed", await File.ReadAllTextAsync(Path.Combine(_transfer.Copy.Path, "a"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(_transfer.Copy.Path, "d/b")));
        _transfer.Between = static () => { };
        await _transfer.UpdateAsync();
        Assert.Equal(_transfer.Meant(), _transfer.Held());
        Assert.True(await _transfer.UpdateAsync());
    }

    [Fact]
    public async Task AFileThatBecameAPipeMeanwhileHoldsNothingUp()
    {
        Tree();
        _transfer.Between = () =>
        {
            File.Delete(In("a"));
            Assert.Equal(0, Inodes.MakeNode(null, Raw("a"), InodeStatus.KindFifo | 0x180, 0, 0));
        };
        await _transfer.UpdateAsync();
        Assert.False(File.Exists(Path.Combine(_transfer.Copy.Path, "a")));
    }

    [Fact]
    public async Task WhatIsLeftOutIsNeitherSentNorLookedAt()
    {
        Tree();
        _transfer.Put("node_modules/big/file.js", "x");
        _transfer.Put("node_modules/kept/file.js", "y");
        _transfer.Put("x/b.log", "x");
        // Even root cannot send it: a name that is not UTF-8 is refused.
        Assert.Equal(0, Inodes.MakeDirectory(null, Raw("hidden"), 0x1C0));
        Assert.Equal(0, Inodes.MakeDirectory(null, [.. Raw("hidden/")[..^1], 0xFF, 0], 0x1C0));
        await _transfer.UpdateAsync(["**/*.log", "node_modules", "!node_modules/kept", "d", "link", "hidden"]);
        Assert.Equal(["a", "node_modules", "node_modules/kept", "node_modules/kept/file.js", "x"], Directory.EnumerateFileSystemEntries(_transfer.Copy.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_transfer.Copy.Path, path)).Order(StringComparer.Ordinal));
        // What is left out from now on goes.
        Assert.False(await _transfer.UpdateAsync(["*", "!a"]));
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(_transfer.Copy.Path).Select(Path.GetFileName));
        Assert.Contains("not UTF-8", (await Assert.ThrowsAsync<GantryException>(() => _transfer.UpdateAsync())).Message, StringComparison.Ordinal);
        Trees.Remove(In("hidden"));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("/d/", "d d/b d/e d/e/c")]
    [InlineData("d/*", "d d/b d/e d/e/c")]
    [InlineData("link", "d d/b link")]
    [InlineData("up/c", "d d/e d/e/c up")]
    [InlineData("l*", "d d/b link loop")]
    [InlineData("loop/x", "loop")]
    [InlineData("missing", "")]
    [InlineData("d/missing/far", "")]
    [InlineData("od?d?*", "od[d]*")]
    [InlineData("od[d]*", "")]
    [InlineData(".", "a d d/b d/e d/e/c link loop od[d]* up")]
    public async Task OnlyWhatIsNeededIsSent(string path, string sent)
    {
        Tree();
        File.CreateSymbolicLink(In("up"), "/d/../d/e");
        File.CreateSymbolicLink(In("loop"), "loop");
        _transfer.Put("od[d]*", "x");
        await _transfer.UpdateAsync(followPaths: [path]);
        Assert.Equal(sent, string.Join(' ', Directory.EnumerateFileSystemEntries(_transfer.Copy.Path, "*", SearchOption.AllDirectories).Select(entry => Path.GetRelativePath(_transfer.Copy.Path, entry)).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task FilesInMemoryAreSent()
    {
        await _transfer.UpdateAsync(_transfer.Copy, new() { Name = "memory" });
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(_transfer.Copy.Path, "a"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ACopyIsOneBuildsAtATimeAndStaysWhileItIsUsed()
    {
        Tree();
        Assert.Null(_transfer.Contexts.Take("one"));
        Assert.NotEqual(_transfer.Copy.Path, _transfer.Contexts.Take("two")!.Path);
        await _transfer.UpdateAsync();
        var record = Assert.Single(_transfer.Contexts.List(), static r => r.SizeBytes > 0);
        _transfer.Contexts.Remove([record.Owner]);
        Assert.Equal(_transfer.Meant(), _transfer.Held());

        var identity = _transfer.Copy.Identity;
        _transfer.Contexts.Release(_transfer.Copy);
        _transfer.Contexts.Remove([record.Owner]);
        Assert.False(Directory.Exists(_transfer.Copy.Path));
        var again = _transfer.Contexts.Take("one")!;
        Assert.NotEqual(identity, again.Identity);
        await _transfer.UpdateAsync(again, new() { Name = "context" });
        Assert.Equal(_transfer.Meant(), _transfer.Held(again.Path));
    }

    [Fact]
    public async Task AFailureLeavesNothingThatPassesForTheContent()
    {
        Tree();
        await _transfer.UpdateAsync();
        var identity = _transfer.Copy.Identity;
        _transfer.Put("a", "two");
        _transfer.Between = static () => throw GantryException.Of(ErrorKind.Internal, "broken");
        await Assert.ThrowsAsync<GantryException>(() => _transfer.UpdateAsync());
        Assert.NotEqual(identity, _transfer.Copy.Identity);
        _transfer.Between = static () => { };
        await _transfer.UpdateAsync();
        Assert.Equal(_transfer.Meant(), _transfer.Held());
        Assert.NotEqual(identity, _transfer.Copy.Identity);
    }
}

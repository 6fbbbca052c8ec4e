using System.Text;
using Gantry.Engine.Images;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Tests.System.Store;
using Xunit;

namespace Gantry.Tests.System.Images;

public sealed class LocalImageTests : IDisposable
{
    private readonly ImageFixture _local = new();

    private ImageOperations Images => _local.Images;

    public void Dispose() => _local.Dispose();

    [Fact]
    public async Task ImportsAnArchiveWithChanges()
    {
        var id = await ImportAsync("base:1", "f");
        var inspect = await Images.InspectAsync("base:1", CancellationToken.None);
        Assert.Equal((id.ToString(), "PATH=/bin", "msg"), (inspect.Id, inspect.Config!.Env![0], inspect.Comment));
        var history = Assert.Single(await Images.HistoryAsync("base:1", CancellationToken.None));
        Assert.Equal((id.ToString(), "base:1", 1), (history.Id, history.Tags![0], (int)history.Size!));
    }

    // tar with one file "f", "hello\n", compressed with xz and bzip2.
    [Theory]
    [InlineData("/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AF9dADMAM1AYaImDAdzibkdnUCbaMYkclpBPWVwqyA2vshrqXeB6UvwBMMS0jKw38DCuZ2pyQLNzFhWm8nrXV9DBMgwgyE5GEaiDNOc/PAnqwN+mqyk+vUv+yUSzcy+yyTQAAABZWkLOMxCOSQABe4BQAAAA75Zb2LHEZ/sCAAAAAARZWg==")]
    [InlineData("QlpoOTFBWSZTWf/hyE8AAHD7hMmQAERAAGWAAADjRJ4AAACACCAAVDSJkYTT0AJ6CSp5IaZMgDQW+4m7oQRvASM6RKzywK3JIGDth7M0Elv0QX49RqZVqwebJrY+Bjb9IwIjSIgOC7kinChIf/DkJ4A=")]
    public async Task ImportsRareCompressions(string archive)
    {
        var id = await Images.ImportAsync(new MemoryStream(Convert.FromBase64String(archive)), new ImageImportSpec { Reference = ImageReference.Parse("rare:1") }, _ => { }, CancellationToken.None);
        var image = await Images.ResolveAsync(id.ToString(), CancellationToken.None);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(_local.Store.Content.Layers.PathOf(Assert.Single(_local.Store.Content.Layers.Stack(image.DiffIds))), "f")));

        var damaged = Convert.FromBase64String(archive)[..^30];
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<GantryException>(() => Images.ImportAsync(new MemoryStream(damaged), new ImageImportSpec(), _ => { }, CancellationToken.None))).Kind);
    }

    [Fact]
    public async Task FindsByNameIdAndPrefix()
    {
        var id = await ImportAsync("base:1", "f");
        foreach (var name in new[] { "base:1", "docker.io/library/base:1", id.ToString(), id.Hex, id.Short, "sha256:" + id.Short })
            Assert.Equal(id, (await Images.ResolveAsync(name, CancellationToken.None)).Id);
        foreach (var (name, text) in new[] { ("base", "No such image: base:latest"), ("nope/x:y", "No such image: nope/x:y"), (new string('0', 64), "No such image: " + new string('0', 64)) })
        {
            var error = await Assert.ThrowsAsync<GantryException>(() => Images.ResolveAsync(name, CancellationToken.None));
            Assert.Equal((ErrorKind.NotFound, text), (error.Kind, error.Message));
        }

        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<GantryException>(() => Images.ResolveAsync("Bad Name", CancellationToken.None))).Kind);
    }

    [Fact]
    public async Task ListsByFilters()
    {
        await ImportAsync("base:1", "f");
        var other = await ImportAsync("other/one:2", "g");
        await Images.TagAsync("other/one:2", ImageReference.Parse("base:2"), CancellationToken.None);
        Assert.Equal(2, (await Images.ListAsync(new(), CancellationToken.None)).Count);
        async Task<IEnumerable<string>> Tags(params (string, string)[] filters) => (await Images.ListAsync(new() { Filters = Filters.Of(filters), SharedSize = true }, CancellationToken.None)).SelectMany(i => i.RepoTags!).Order();
        Assert.Equal(["base:1", "base:2"], await Tags(("reference", "base")));
        Assert.Equal(["other/one:2"], await Tags(("reference", "other/*")));
        Assert.Equal([], await Tags(("dangling", "true")));
        Assert.Equal(3, (await Tags(("label", "k=v"))).Count());
        Assert.Equal([], await Tags(("label", "k=w")));
        await Assert.ThrowsAsync<GantryException>(() => Tags(("nonsense", "1")));
        await ImportAsync("base:2", "h");
        await ImportAsync("other/one:2", "i");
        Assert.Equal(other.ToString(), Assert.Single(await Images.ListAsync(new() { Filters = Filters.Of(("dangling", "true")) }, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task RemovesAsDockerDoes()
    {
        var id = await ImportAsync("base:1", "f");
        await Images.TagAsync("base:1", ImageReference.Parse("again:1"), CancellationToken.None);
        var error = await Assert.ThrowsAsync<GantryException>(() => Images.RemoveAsync(id.Short, false, false, CancellationToken.None));
        Assert.Equal((ErrorKind.Conflict, $"conflict: unable to delete {id.Short} (must be forced) - image is referenced in multiple repositories"), (error.Kind, error.Message));
        Assert.Equal("again:1", Assert.Single(await Images.RemoveAsync("again:1", false, false, CancellationToken.None)).Untagged);
        var container = ContainerId.New();
        _local.Users.Add(new(container, true, "base:1"));
        error = await Assert.ThrowsAsync<GantryException>(() => Images.RemoveAsync("base:1", false, false, CancellationToken.None));
        Assert.Equal($"conflict: unable to remove repository reference \"base:1\" (must force) - container {container.Short} is using its referenced image {id.Short}", error.Message);
        error = await Assert.ThrowsAsync<GantryException>(() => Images.RemoveAsync(id.Short, true, false, CancellationToken.None));
        Assert.Equal($"conflict: unable to delete {id.Short} (cannot be forced) - image is being used by running container {container.Short}", error.Message);
        _local.Users.Clear();
        var removed = await Images.RemoveAsync("base:1", false, false, CancellationToken.None);
        Assert.Equal(["base:1", null, null], removed.Select(r => r.Untagged));
        Assert.Equal(id.ToString(), removed[1].Deleted);
        Assert.Empty(_local.Kept());
    }

    [Fact]
    public async Task LoadsWhatDockerSaveWrites()
    {
        var layer = new TarBuilder().File("f", "x").Build();
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{StoreFixture.DigestOf(layer)}}","{{StoreFixture.DigestOf(layer)}}"]} }""");
        var archive = new TarBuilder()
            .Add("one/layer.tar", '0', layer).Symlink("two/layer.tar", "../one/layer.tar").Add("abc.json", '0', config)
            .Add("manifest.json", '0', """[{"Config":"abc.json","RepoTags":["saved:1","saved:2"],"Layers":["one/layer.tar","two/layer.tar"]}]"""u8.ToArray()).Build();
        await Images.LoadAsync(new MemoryStream(archive), null, false, _local.Progress.Add, CancellationToken.None);
        Assert.Equal(["Loaded image: saved:1\n", "Loaded image: saved:2\n"], _local.Progress.Select(p => p.Stream!));
        Assert.Equal(StoreFixture.DigestOf(config), (await Images.ResolveAsync("saved:2", CancellationToken.None)).Id);
        await Images.RemoveAsync(StoreFixture.DigestOf(config).ToString(), true, false, CancellationToken.None);
        Assert.Empty(_local.Kept());
    }

    [Theory]
    [InlineData("""[{"Config":"../../etc/passwd","RepoTags":["a:1"],"Layers":[]}]""")]
    [InlineData("""[{"Config":"abc.json","RepoTags":["a:1"],"Layers":["missing"]}]""")]
    [InlineData("""[null]""")]
    [InlineData("""{}""")]
    [InlineData("""[{"Config":"manifest.json","RepoTags":["NOT A NAME"],"Layers":[]}]""")]
    public async Task RefusesArchivesThatContradictThemselves(string manifest)
    {
        var archive = new TarBuilder().Add("abc.json", '0', "{}"u8.ToArray()).Add("manifest.json", '0', Encoding.UTF8.GetBytes(manifest)).Build();
        var error = await Assert.ThrowsAsync<GantryException>(() => Images.LoadAsync(new MemoryStream(archive), null, false, _ => { }, CancellationToken.None));
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Empty(_local.Kept());
    }

    private Task<Digest> ImportAsync(string name, string file) => Images.ImportAsync(
        new MemoryStream(new TarBuilder().File(file, "x").Build()),
        new() { Reference = ImageReference.Parse(name), Message = "msg", Changes = ["ENV PATH=/bin", "LABEL k=v"] },
        _ => { },
        CancellationToken.None);
}

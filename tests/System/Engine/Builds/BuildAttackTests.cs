using System.Formats.Tar;
using System.Text;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>Contexts, archives and steps that mean harm: nothing leaves the image's root, and nothing outlives its step.</summary>
public sealed class BuildAttackTests : IAsyncLifetime
{
    private readonly string _outside = Directory.CreateTempSubdirectory("gantry-outside-").FullName;
    private BuildHost _host = null!;

    private CancellationToken Token => _host.Host.Token;

    public async ValueTask InitializeAsync() => _host = await BuildHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_outside, recursive: true);
    }

    [Fact]
    public async Task LinksLeadNowhereOutOfTheRoot()
    {
        await File.WriteAllTextAsync(Path.Combine(_outside, "host"), "of the host", Token);
        var up = "../../../../../../../../.." + _outside;
        _host.Write("a", "A");
        // Read through a link: it ends in the stage's own root, where nothing is.
        foreach (var link in (string[])[_outside, up])
        {
            var failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync($"FROM busybox:test AS evil\nRUN ln -s {link} /out\nFROM busybox:test\nCOPY --from=evil /out/host /stolen\n"));
            Assert.Equal(ErrorKind.NotFound, failure.Kind);
        }

        // Written through a link: it lands in the image.
        await _host.BuildAsync($"FROM busybox:test\nRUN ln -s {up} /out\nCOPY a /out/planted\n");
        Assert.Equal("A", await _host.ShellAsync($"cat {_outside}/planted"));
        Assert.Equal(["host"], Directory.EnumerateFileSystemEntries(_outside).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("../../../../../../../../../../{0}/planted", null)]
    [InlineData("{0}/planted", null)]
    [InlineData("out/planted", "{0}")]
    [InlineData("out/planted", "../../../../../../../../..{0}")]
    public async Task ArchivesUnpackInsideOrNotAtAll(string name, string? link)
    {
        using (var file = File.Create(Path.Combine(_host.Context, "evil.tar")))
        using (var tar = new TarWriter(file, TarEntryFormat.Pax))
        {
            if (link is not null)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "out") { LinkName = string.Format(global::System.Globalization.CultureInfo.InvariantCulture, link, _outside) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, string.Format(global::System.Globalization.CultureInfo.InvariantCulture, name, _outside)) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes("x")) });
        }

        try
        {
            await _host.BuildAsync("FROM busybox:test\nADD evil.tar /data/\n");
        }
        catch (GantryException refused)
        {
            Assert.Equal(ErrorKind.Invalid, refused.Kind);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_outside));
    }

    [Fact]
    public async Task ProcessesEndWithTheirStep()
    {
        await _host.BuildAsync("FROM busybox:test\nRUN true\n");
        await _host.Host.CreateAsync("true", spec => spec with { Config = spec.Config with { Image = "built:test" } });
        var before = await Traces.TakeSettledAsync(_host.Host, Token);
        // The second holds the step's output.
        await _host.BuildAsync("FROM busybox:test\nRUN sleep 1000 > /dev/null 2>&1 & true\nRUN sleep 1000 & echo begun\n", spec => spec with { Outputs = [] });
        Assert.Equal("begun\n", _host.Log.Output);
        _host.Host.Engine.Builds.RemoveFromCache(_host.Host.Engine.Builds.ListCache());
        await _host.BuildAsync("FROM busybox:test\nRUN true\n");
        await before.AreAllThatIsLeftAsync(_host.Host, Token);
    }

    [Fact]
    public async Task ADockerfileOfAnySizeIsNoReasonToDie()
    {
        var stages = new StringBuilder("FROM busybox:test AS s0\n");
        for (var number = 1; number < 10_000; number++)
            stages.Append(global::System.Globalization.CultureInfo.InvariantCulture, $"FROM s{number - 1} AS s{number}\nENV A={number}\n");
        try
        {
            await _host.BuildAsync(stages.ToString(), spec => spec with { Target = "s9" });
        }
        catch (GantryException refused)
        {
            Assert.Equal(ErrorKind.Invalid, refused.Kind);
        }

        var failure = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nRUN " + new string('x', 20 << 20) + "\n"));
        Assert.NotEqual(ErrorKind.Internal, failure.Kind);
        // It goes on.
        await _host.BuildAsync("FROM busybox:test\n");
    }
}

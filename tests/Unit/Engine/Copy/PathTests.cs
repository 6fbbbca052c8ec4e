using Gantry.Api.Containers;
using Gantry.Engine.Copy;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Copy;

/// <summary>Paths in containers and what is told of them, in Docker's words.</summary>
public sealed class PathTests
{
    [Theory]
    [InlineData("/", "/", "", "/")]
    [InlineData("/.", "/", "", ".")]
    [InlineData("./", "/", "", ".")]
    [InlineData("/./", "/", "", ".")]
    [InlineData("/etc/./", "/etc", "", ".")]
    [InlineData("etc/passwd", "/etc/", "passwd", "passwd")]
    [InlineData("/etc/", "/etc", "", "etc")]
    [InlineData("/etc/.", "/etc", "", ".")]
    [InlineData("/etc/../../tmp//x", "/tmp/", "x", "x")]
    [InlineData("..", "/", "", "/")]
    [InlineData("/a/..", "/", "", "/")]
    public void AreTakenApart(string path, string directory, string last, string name) =>
        Assert.Equal(new PathInContainer(directory, last, name), PathInContainer.Parse(path));

    [Theory]
    [InlineData(0x41EDu, 0x800001EDu)] // directory 0755
    [InlineData(0x81A4u, 0x1A4u)] // file 0644
    [InlineData(0x89EDu, 0x8001EDu)] // set-user-id
    [InlineData(0x43FFu, 0x801001FFu)] // sticky directory 0777
    [InlineData(0xA1FFu, 0x80001FFu)] // link
    [InlineData(0x21B6u, 0x42001B6u)] // character device
    [InlineData(0x1180u, 0x2000180u)] // fifo
    public void ModesAreGos(uint mode, uint expected) => Assert.Equal(expected, GoFileMode.Of(mode));

    [Fact]
    public void TheHeaderIsDockers()
    {
        var header = FileHandlers.Encode(new PathStatus("x", 7, 0x1A4, GoTime.Format(new FileTime(1_700_000_000, 120_000_000)), ""));
        Assert.Equal("""{"name":"x","size":7,"mode":420,"mtime":"2023-11-14T22:13:20.12Z","linkTarget":""}""", global::System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(header)));
    }
}

using Gantry.Kernel.Sys;
using Xunit;

namespace Gantry.Tests.Unit.Kernel.Sys;

public sealed class ResidentPagesTests
{
    [Theory]
    [InlineData("7f00a000-7f00c000 r-xp 00001000 fe:00 77 /usr/bin/x", "Anonymous:             0 kB", true)]
    [InlineData("7f00a000-7f00c000 r--p 00001000 fe:00 77 /a path with spaces", "Anonymous:             0 kB", true)]
    [InlineData("7f00a000-7f00c000 r--p 00001000 fe:00 77 /relocated/constants", "Anonymous:             8 kB", false)]
    [InlineData("7f00a000-7f00c000 rw-p 00001000 fe:00 77 /data", "Anonymous:             0 kB", false)]
    [InlineData("7f00a000-7f00c000 r--s 00001000 fe:00 77 /shared", "Anonymous:             0 kB", false)]
    [InlineData("7f00a000-7f00c000 r--p 00000000 00:00 0", "Anonymous:             0 kB", false)]
    [InlineData("7f00a000-7f00c000 r-xp 00000000 00:00 0 [vdso]", "Anonymous:             0 kB", false)]
    [InlineData("7f00a000-7f00c000 r--p 00001000 fe:00 77 /relocated/swapped out", "Anonymous:             0 kB", false, "Swap:                  4 kB")]
    public void OnlyWhatTheDiskHasToo(string mapping, string anonymous, bool clean, string swap = "Swap:                  0 kB")
    {
        var found = ResidentPages.CleanFileMappings([mapping, "Size:                  8 kB", anonymous, swap, "VmFlags: rd mr mw me"]);

        Assert.Equal(clean ? [((nuint)0x7f00a000, (nuint)0x2000)] : [], found);
    }

    [Fact]
    public void ProgramGoesOnAfterwards()
    {
        var mappings = ResidentPages.CleanFileMappings();
        Assert.NotEmpty(mappings);
        ResidentPages.Drop(mappings);

        Assert.Equal(mappings.Count, ResidentPages.CleanFileMappings().Count);
    }
}

using Gantry.Engine.Builds;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Builds;

/// <summary>What binfmt_misc says of other machines' programs.</summary>
public sealed class EmulationTests : IDisposable
{
    private const string Magic = "7f454c460201010000000000000000000200";
    private const string Mask = "ffffffffffffff00fffffffffffffffffeffffff";

    private readonly string _directory = Directory.CreateTempSubdirectory("binfmt-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void OnlyWhatContainersFindCounts()
    {
        File.WriteAllText(Path.Combine(_directory, "status"), "enabled\n");
        File.WriteAllText(Path.Combine(_directory, "register"), "");
        Register("qemu-s390x", "7f454c4602020100000000000000000000020016", "F", "enabled");
        Register("qemu-riscv64", Magic + "f300", "OC", "enabled");
        Register("qemu-ppc64le", Magic + "1500", "OCF", "disabled");
        File.WriteAllText(Path.Combine(_directory, "python"), "enabled\ninterpreter /usr/bin/python3\nflags: F\nextension .py\n");
        var emulation = new Emulation(_directory);
        Assert.Equal(["linux/s390x"], emulation.Platforms());
        emulation.Require("linux/s390x");
        Assert.Contains("without the flag F", Assert.Throws<GantryException>(() => emulation.Require("linux/riscv64")).Message, StringComparison.Ordinal);
        Assert.Contains("no emulator is registered", Assert.Throws<GantryException>(() => emulation.Require("linux/ppc64le")).Message, StringComparison.Ordinal);
        emulation.Require(Gantry.Distribution.PlatformChoice.Text(Gantry.Distribution.PlatformChoice.Host));
    }

    [Fact]
    public void WithoutIt()
    {
        var emulation = new Emulation(Path.Combine(_directory, "none"));
        Assert.Empty(emulation.Platforms());
        Assert.Contains("apt-get install qemu-user-static", Assert.Throws<GantryException>(() => emulation.Require("linux/s390x")).Message, StringComparison.Ordinal);
    }

    private void Register(string name, string magic, string flags, string state) =>
        File.WriteAllText(Path.Combine(_directory, name), $"{state}\ninterpreter /usr/bin/{name}\nflags: {flags}\noffset 0\nmagic {magic}\nmask {Mask}\n");
}

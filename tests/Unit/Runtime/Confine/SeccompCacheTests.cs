using Gantry.Engine.Planning;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Confine;

public sealed class SeccompCacheTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"gantry-test-seccomp-{Guid.NewGuid():N}");
    private static readonly LinuxSeccomp _profile = SeccompProfile.Default.Resolve([], new HostFacts());

    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void SecondTime_ComesFromDisk()
    {
        var compiled = new SeccompCache(_directory).Get(_profile);
        var file = Assert.Single(Directory.GetFiles(_directory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var read = new SeccompCache(_directory).Get(_profile);
        Assert.Equal(compiled.Program.ToArray(), read.Program.ToArray());
        Assert.Equal(compiled.Flags, read.Flags);
        Assert.Equal(SeccompCompiler.Compile(_profile).Program.ToArray(), read.Program.ToArray());
    }

    [Fact]
    public void OtherProfiles_AreOtherFiles()
    {
        var cache = new SeccompCache(_directory);
        cache.Get(_profile);
        cache.Get(_profile with { DefaultErrnoRet = 13 });
        cache.Get(SeccompProfile.Default.Resolve(["CAP_SYS_ADMIN"], new HostFacts()));
        Assert.Equal(3, Directory.GetFiles(_directory).Length);
    }

    [Theory]
    [InlineData(9)] // flags
    [InlineData(40)] // profile
    [InlineData(-20)] // program
    [InlineData(-1)] // checksum
    public void DamagedEntry_IsNeverUsed(int at)
    {
        var good = new SeccompCache(_directory).Get(_profile).Program.ToArray();
        var file = Directory.GetFiles(_directory)[0];
        var bytes = File.ReadAllBytes(file);
        bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(good, new SeccompCache(_directory).Get(_profile).Program.ToArray());
        File.WriteAllBytes(file, bytes[..100]);
        Assert.Equal(good, new SeccompCache(_directory).Get(_profile).Program.ToArray());
    }

    [Fact]
    public void EntryOthersMayWrite_IsNeverUsed()
    {
        var cache = new SeccompCache(_directory);
        var other = _profile with { DefaultAction = "SCMP_ACT_ALLOW" };
        cache.Get(_profile);
        var file = Directory.GetFiles(_directory)[0];
        cache.Get(other);
        var slipped = Directory.GetFiles(_directory).Single(path => path != file);
        // A whole, well-formed entry under another profile's name is not that profile's.
        File.Copy(slipped, file, overwrite: true);
        Assert.Equal(SeccompCompiler.Compile(_profile).Program.ToArray(), cache.Get(_profile).Program.ToArray());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.Equal(SeccompCompiler.Compile(_profile).Program.ToArray(), cache.Get(_profile).Program.ToArray());
    }

    [Fact]
    public void UnwritableDirectory_IsNoError() => Assert.NotEqual(0, new SeccompCache("/proc/nowhere").Get(_profile).Length);
}

using Xunit;

namespace Gantry.Tests.Unit;

public sealed class BuildTests
{
    [Fact]
    public void RunsOnLinux() => Assert.True(OperatingSystem.IsLinux());
}

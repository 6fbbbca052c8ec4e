using Xunit;

namespace Gantry.Tests.E2E;

public sealed class BuildTests
{
    [Fact]
    public void RunsOnLinux() => Assert.True(OperatingSystem.IsLinux());
}

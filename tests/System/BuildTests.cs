using Xunit;

namespace Gantry.Tests.System;

public sealed class BuildTests
{
    [Fact]
    public void RunsOnLinux() => Assert.True(OperatingSystem.IsLinux());
}

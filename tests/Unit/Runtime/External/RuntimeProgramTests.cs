using Gantry.Kernel.Abi;
using Gantry.Model;
using Gantry.Runtime.External;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.External;

public sealed class RuntimeProgramTests
{
    [Fact]
    public void TheLastErrorOfTheLogCounts() => Assert.Equal(
        "second",
        RuntimeProgram.LastError("{\"level\":\"error\",\"msg\":\"first\"}\nnot json\n{\"level\":\"error\",\"msg\":\"second\",\"time\":\"x\"}\n{\"level\":\"warning\",\"msg\":\"third\"}\n[1]\n"));

    [Theory]
    [InlineData("exec: \"x\": executable file not found in $PATH", LaunchStage.Exec, Errno.ENOENT)]
    [InlineData("executable file `nosuch` not found in $PATH: No such file or directory", LaunchStage.Exec, Errno.ENOENT)]
    [InlineData("exec: \"/etc/passwd\": permission denied", LaunchStage.Exec, Errno.EACCES)]
    [InlineData("exec /x: exec format error", LaunchStage.Exec, Errno.ENOEXEC)]
    [InlineData("cannot set memory limit: invalid argument", LaunchStage.Bundle, Errno.EINVAL)]
    public void WordsBecomeLaunchFailures(string message, LaunchStage stage, int errno) => Assert.Equal(new LaunchFailure(stage, errno), RuntimeProgram.FailureOf(message));
}

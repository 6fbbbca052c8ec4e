using Gantry.Engine.Oom;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Oom;

public sealed class OomVictimTests
{
    private static readonly ContainerId Id = ContainerId.Parse(new string('a', 64));

    [Fact]
    public void TheKernelsRecordNamesTheProcess() => Assert.Equal(
        new OomVictim("python3,pid=1", 22926),
        OomVictim.Parse($"6,1234,818212519,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/gantry/{Id},task_memcg=/gantry/{Id},task=python3,pid=1,pid=22926,uid=0\n", Id));

    [Theory]
    [InlineData("6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/gantry/bbbb,task=dd,pid=3,uid=0")]
    [InlineData("6,1,2,-;usb 1-1: new device")]
    [InlineData("6,1,2,-;oom-kill:oom_memcg=/gantry/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,task=")]
    public void OtherRecordsDoNot(string record) => Assert.Null(OomVictim.Parse(record, Id));
}

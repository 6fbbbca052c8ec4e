using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build.Syntax;

public sealed class MountFlagTests
{
    private static MountFlag Parse(string text) => MountFlagParser.Parse(text, static value => value.Replace("$V", "x", StringComparison.Ordinal));

    [Theory]
    [InlineData("target=/a")]
    [InlineData("type=bind,dst=/a")]
    [InlineData("TYPE=BIND,Destination=/a,ro")]
    [InlineData("destination=/a,readonly=true")]
    [InlineData("target=/a,rw=false")]
    [InlineData("target=/a,readwrite,ro")]
    [InlineData("\"target=/a\"")]
    public void BindIsUsual(string text) => Assert.Equal(new() { Kind = StepMountKind.Bind, Target = "/a", ReadOnly = true }, Parse(text));

    [Fact]
    public void EachTypeHasItsOptions()
    {
        Assert.Equal(new() { Kind = StepMountKind.Bind, From = "tools", Source = "/s", Target = "/a", ReadOnly = false }, Parse("from=tools,src=/s,target=/a,rw"));
        Assert.Equal(
            new() { Kind = StepMountKind.Cache, Id = "x", From = "tools", Source = "/s", Target = "/a", Sharing = CacheSharing.Locked, Mode = 0b111_101_000, Uid = 1, Gid = 2, ReadOnly = true },
            Parse("type=cache,id=$V,target=/a,sharing=Locked,mode=0750,uid=1,gid=2,from=tools,source=/s,ro=1"));
        Assert.Equal(new() { Kind = StepMountKind.Cache, Target = "/a" }, Parse("type=cache,target=/a"));
        Assert.Equal(new() { Kind = StepMountKind.Tmpfs, Target = "/a", SizeBytes = 64 << 20 }, Parse("type=tmpfs,target=/a,size=64m"));
        Assert.Equal(
            new() { Kind = StepMountKind.Secret, Id = "key", Target = "/k", Required = true, Variable = "KEY", Mode = 0b100_000_000, Uid = 3, Gid = 4, ReadOnly = true },
            Parse("type=secret,id=key,target=/k,required,env=KEY,mode=400,uid=3,gid=4"));
        Assert.Equal(new() { Kind = StepMountKind.Secret, Source = "key", ReadOnly = true, Variable = "" }, Parse("type=secret,source=key,env="));
        Assert.Equal(new() { Kind = StepMountKind.Ssh, Id = "git", Target = "/s", Required = false, Mode = 0b110_000_000, ReadOnly = true }, Parse("type=ssh,id=git,target=/s,required=false,mode=0600"));
    }

    [Theory]
    [InlineData("type=bnid,target=/a", "unsupported mount type \"bnid\" (did you mean bind?)")]
    [InlineData("type=volume,target=/a", "unsupported mount type \"volume\"")]
    [InlineData("tpye=bind", "unexpected key 'tpye' in 'tpye=bind' (did you mean type?)")]
    [InlineData("propagation=x", "unexpected key 'propagation' in 'propagation=x'")]
    [InlineData("target", "invalid field 'target' must be a key=value pair")]
    [InlineData("target=/a,required", "unexpected key 'required' for mount type 'bind'")]
    [InlineData("required,type=secret,id=a", "unexpected key 'required' for mount type 'bind'")]
    [InlineData("type=cache,target=/a,required=true", "unexpected key 'required' for mount type 'cache'")]
    [InlineData("type=secret,id=a,required=x", "invalid value for required: x")]
    [InlineData("target=/a,size=1m", "unexpected key 'size' for mount type 'bind'")]
    [InlineData("type=tmpfs,target=/a,size=1q", "invalid value for size: 1q")]
    [InlineData("target=/a,ro=maybe", "invalid value for ro: maybe")]
    [InlineData("target=/a,readwrite=maybe", "invalid value for readwrite: maybe")]
    [InlineData("target=/a,mode=755", "mode not allowed for \"bind\" type mounts")]
    [InlineData("type=tmpfs,target=/a,uid=1", "uid not allowed for \"tmpfs\" type mounts")]
    [InlineData("target=/a,gid=1", "gid not allowed for \"bind\" type mounts")]
    [InlineData("type=cache,target=/a,mode=888", "invalid value 888 for mode")]
    [InlineData("type=cache,target=/a,mode=17777", "invalid value 17777 for mode")]
    [InlineData("type=cache,target=/a,uid=-1", "invalid value -1 for uid")]
    [InlineData("type=cache,target=/a,gid=4294967296", "invalid value 4294967296 for gid")]
    [InlineData("type=cache,target=/a,sharing=lokced", "unsupported sharing value \"lokced\" (did you mean locked?)")]
    [InlineData("target=/a,sharing=shared", "invalid cache sharing set for bind mount")]
    [InlineData("type=secret,id=a,from=b", "secret mount should not have a from")]
    [InlineData("type=secret,id=a,sharing=shared", "secret mount should not define sharing")]
    [InlineData("type=secret", "invalid secret mount. one of source, target required")]
    [InlineData("type=secret,id=a,src=b", "both source and id can't be set")]
    [InlineData("", "failed to parse csv mounts: EOF")]
    [InlineData("a\"b=c", "failed to parse csv mounts: parse error on line 1, column 2: bare \" in non-quoted-field")]
    [InlineData("\"a=b\"c", "failed to parse csv mounts: parse error on line 1, column 5: extraneous or missing \" in quoted-field")]
    [InlineData("\"a=b", "failed to parse csv mounts: parse error on line 1, column 2: extraneous or missing \" in quoted-field")]
    public void Refusals(string text, string message) => Assert.Equal(message, Assert.Throws<GantryException>(() => Parse(text)).Message);

    [Fact]
    public void FieldsMayHoldCommas() => Assert.Equal("/a,b\"c", Parse("\"target=/a,b\"\"c\",type=tmpfs").Target);
}

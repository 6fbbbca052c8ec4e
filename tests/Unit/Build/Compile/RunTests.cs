using System.Text;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build.Compile;

public sealed class RunTests
{
    [Theory]
    [InlineData("RUN echo hi", "/bin/sh|-c|echo hi", "RUN /bin/sh -c echo hi # buildkit")]
    [InlineData("RUN [\"/bin/echo\", \"a b\"]", "/bin/echo|a b", "RUN /bin/echo a b # buildkit")]
    [InlineData("SHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN a | b", "/bin/bash|-eo|pipefail|-c|a | b", "RUN /bin/bash -eo pipefail -c a | b # buildkit")]
    [InlineData("RUN <<EOF\none\ntwo\nEOF", "/bin/sh|-c|one\ntwo\n", "RUN /bin/sh -c one\ntwo\n # buildkit")]
    [InlineData("RUN <<-EOF\n\tone\nEOF", "/bin/sh|-c|one\n", "RUN /bin/sh -c one\n # buildkit")]
    [InlineData("RUN cat <<A <<B\n1\nA\n2\nB", "/bin/sh|-c|cat <<A <<B\n1\nA\n2\nB", "RUN /bin/sh -c cat <<A <<B\n1\nA\n2\nB # buildkit")]
    public void Arguments(string instructions, string arguments, string history)
    {
        var build = Compiling.Compile("FROM base\n" + instructions);
        Assert.Equal(arguments.Split('|').Length > 3 ? arguments.Replace("a | b", "a ¦ b", StringComparison.Ordinal).Split('|').Select(static a => a.Replace('¦', '|')) : arguments.Split('|'), build.Only<ExecStep>().Arguments);
        Assert.Equal("+ " + history, build.History()[^1]);
    }

    [Fact]
    public void AScriptIsAFileOfItsOwn()
    {
        var build = Compiling.Compile("FROM base\nRUN <<script\n#!/usr/bin/env python3\nprint(1)\nscript");
        var step = build.Only<ExecStep>();
        Assert.Equal(["/bin/sh", "-c", "/dev/pipes/script"], step.Arguments);
        var mount = Assert.Single(step.Mounts);
        Assert.Equal((StepMountKind.Bind, "/dev/pipes", true), (mount.Kind, mount.Target, mount.ReadOnly));
        var file = Assert.IsType<MakeFileAction>(Assert.Single(((FileStep)step.Inputs[mount.From!.Value]).Actions));
        Assert.Equal(("/script", 0x1ED, "#!/usr/bin/env python3\nprint(1)\n"), (file.Path, file.Mode, Encoding.UTF8.GetString(file.Content.Span)));
        Assert.Equal("[2/2] RUN <<script (#!/usr/bin/env python3...)", step.Name);
    }

    [Fact]
    public void StepsRunAsTheImageSays()
    {
        var step = Compiling.Compile("FROM base\nUSER me\nWORKDIR /w\nRUN x", new() { Network = StepNetwork.None, ExtraHosts = ["h:1.2.3.4"] }).Only<ExecStep>();
        Assert.Equal(("me", "/w", StepNetwork.None, 0), (step.User, step.WorkingDirectory, step.Network, step.Root));
        Assert.Equal(["h:1.2.3.4"], step.ExtraHosts);
    }

    [Theory]
    [InlineData("--network=none", StepNetwork.None, false)]
    [InlineData("--network=host", StepNetwork.Host, false)]
    [InlineData("--security=insecure", StepNetwork.Default, true)]
    public void NetworkAndSecurity(string flag, StepNetwork network, bool insecure)
    {
        var step = Compiling.Compile($"FROM base\nRUN {flag} x", new() { Entitlements = ["network.host", "security.insecure"] }).Only<ExecStep>();
        Assert.Equal((network, insecure), (step.Network, step.Insecure));
    }

    [Theory]
    [InlineData("--network=host", "network.host is not allowed")]
    [InlineData("--security=insecure", "security.insecure is not allowed")]
    [InlineData("--device=vendor.com/gpu=all", "device is not allowed")]
    public void WhatNobodyAllowedIsForbidden(string flag, string message)
    {
        var refused = Compiling.Refused($"FROM base\nRUN {flag} x");
        Assert.Equal(ErrorKind.Forbidden, refused.Kind);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, Assert.IsType<DockerfileException>(refused.InnerException).Lines.First);
    }

    [Fact]
    public void BindMounts()
    {
        var build = Compiling.Compile("FROM base AS tools\nRUN t\nFROM base\nWORKDIR /w\nRUN --mount=target=. --mount=from=tools,source=/bin,target=/t,rw --mount=from=base,target=/b x");
        var step = Assert.IsType<ExecStep>(build.Target);
        Assert.Equal(["/w", "/t", "/b"], step.Mounts.Select(static m => m.Target));
        Assert.Equal(["/", "/bin", "/"], step.Mounts.Select(static m => m.Source));
        Assert.Equal([true, false, true], step.Mounts.Select(static m => m.ReadOnly));
        Assert.IsType<LocalContext>(step.Inputs[step.Mounts[0].From!.Value]);
        Assert.Equal("[tools 2/2] RUN t", step.Inputs[step.Mounts[1].From!.Value].Name);
        Assert.IsType<ImageSource>(step.Inputs[step.Mounts[2].From!.Value]);
        Assert.Empty(build.Only<LocalContext>().FollowPaths);
    }

    [Fact]
    public void CacheMounts()
    {
        var build = Compiling.Compile(
            "FROM base\nENV HOME=/root\nRUN --mount=type=cache,target=$HOME/.cache/ --mount=type=cache,id=x,target=y,sharing=locked,uid=7,gid=8,mode=0700,ro a",
            new() { Arguments = new Dictionary<string, string?> { ["BUILDKIT_CACHE_MOUNT_NS"] = "ns" } });
        var mounts = build.Only<ExecStep>().Mounts;
        Assert.Equal(("ns//root/.cache", "/root/.cache", CacheSharing.Shared, false), (mounts[0].Id, mounts[0].Target, mounts[0].Sharing, mounts[0].ReadOnly));
        Assert.Equal(("ns/x", "/y", CacheSharing.Locked, true), (mounts[1].Id, mounts[1].Target, mounts[1].Sharing, mounts[1].ReadOnly));
        Assert.Equal((0x1C0, 7, 8, null), (mounts[1].Mode, mounts[1].Uid, mounts[1].Gid, mounts[1].From));
    }

    [Fact]
    public void TmpfsSecretsAndAgents()
    {
        var build = Compiling.Compile("FROM base\nRUN --mount=type=tmpfs,target=/t,size=1m --mount=type=secret,id=a/key --mount=type=secret,target=/etc/pass,required,mode=0440 --mount=type=secret,id=tok,env=TOKEN --mount=type=ssh --mount=type=ssh,id=other,required echo $TOKEN");
        var step = build.Only<ExecStep>();
        Assert.Equal((StepMountKind.Tmpfs, 1 << 20), (step.Mounts[0].Kind, step.Mounts[0].SizeBytes));
        Assert.Equal(("a/key", "/run/secrets/key", false), (step.Mounts[1].Id, step.Mounts[1].Target, step.Mounts[1].Required));
        Assert.Equal(("pass", "/etc/pass", true, 0x120), (step.Mounts[2].Id, step.Mounts[2].Target, step.Mounts[2].Required, step.Mounts[2].Mode));
        Assert.Equal(("tok", null, "TOKEN"), (step.Mounts[3].Id, step.Mounts[3].Target, step.Mounts[3].Variable));
        Assert.Equal(("default", "/run/buildkit/ssh_agent.0"), (step.Mounts[4].Id, step.Mounts[4].Target));
        Assert.Equal(("other", "/run/buildkit/ssh_agent.1", true), (step.Mounts[5].Id, step.Mounts[5].Target, step.Mounts[5].Required));
        Assert.EndsWith("echo ****", step.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--mount=target=/", "invalid mount target \"/\"")]
    [InlineData("--mount=type=cache", "invalid mount target \"/\"")]
    [InlineData("--mount=type=ssh,source=/x", "ssh does not support source")]
    public void MountsThatCannotBe(string flag, string message) => Assert.Equal(message, Compiling.Refused($"FROM base\nRUN {flag} x").Message);

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, "a", true)]
    [InlineData(false, "A", true)]
    [InlineData(false, "b", false)]
    public void StepsRunAnew(bool all, string? stage, bool anew)
    {
        var build = Compiling.Compile("FROM base AS a\nRUN x\nCOPY a b", new() { NoCache = all, NoCacheStages = stage is null ? [] : [stage] });
        Assert.Equal(anew, build.Only<ExecStep>().IgnoreCache);
        Assert.Equal(anew, build.Target!.IgnoreCache);
        Assert.False(build.Only<ImageSource>().IgnoreCache);
    }
}

using Gantry.Build;
using Xunit;

namespace Gantry.Tests.Unit.Build.Syntax;

/// <summary>Each instruction, with all that it takes.</summary>
public sealed class InstructionTests
{
    [Fact]
    public void From()
    {
        var file = Files.Parse("ARG version=1\nFROM --platform=$BUILDPLATFORM alpine:$version AS Tools.v-1_x\n# test checks it\nfrom tools.v-1_x as test\n");
        Assert.Equal("version", Assert.Single(Assert.Single(file.GlobalArguments).Arguments).Name);
        Assert.Equal(("alpine:$version", "tools.v-1_x", "Tools.v-1_x", "$BUILDPLATFORM"), (file.Stages[0].Base, file.Stages[0].Name, file.Stages[0].OriginalName, file.Stages[0].Platform));
        Assert.Equal(("tools.v-1_x", "test", null, "checks it", "from"), (file.Stages[1].Base, file.Stages[1].Name, file.Stages[1].Platform, file.Stages[1].Comment, file.Stages[1].Keyword));
        Assert.Equal(new SourceLines(4, 4), file.Stages[1].Lines);
    }

    [Theory]
    [InlineData("RUN make all", true, "make all")]
    [InlineData("RUN [\"make\", \"-j\\u0034\"]", false, "make|-j4")]
    [InlineData("RUN [ \"a\" ", true, "[ \"a\"")]
    [InlineData("RUN ['a']", true, "['a']")]
    [InlineData("RUN [\"a\"] && b", true, "[\"a\"] && b")]
    [InlineData("RUN []", false, "")]
    [InlineData("RUN", true, "")]
    public void RunInBothForms(string instruction, bool isShell, string arguments)
    {
        var run = Files.One<RunInstruction>(instruction);
        Assert.Equal((isShell, arguments), (run.Command.IsShell, string.Join('|', run.Command.Arguments)));
    }

    [Fact]
    public void RunWithFlags()
    {
        var run = Files.One<RunInstruction>("RUN --mount=type=cache,target=/a --network=none --mount=from=tools,target=/b --security=insecure --device=v.com/c=d,required --device=gpu make");
        Assert.Equal(["type=cache,target=/a", "from=tools,target=/b"], run.Mounts.Select(static mount => mount.Text));
        Assert.Equal([null, "tools"], run.Mounts.Select(static mount => mount.From));
        Assert.Equal((StepNetwork.None, true), (run.Network, run.Insecure));
        Assert.Equal([new() { Name = "v.com/c=d", Required = true }, new() { Name = "gpu" }], run.Devices);
        Assert.Equal(["make"], run.Command.Arguments);
        var plain = Files.One<RunInstruction>("RUN --network=host --security=sandbox make");
        Assert.Equal((StepNetwork.Host, false), (plain.Network, plain.Insecure));
    }

    [Fact]
    public void Commands()
    {
        Assert.Equal(["a b"], Files.One<CmdInstruction>("CMD a b").Command.Arguments);
        Assert.Equal(["a", "b"], Files.One<CmdInstruction>("cmd [\"a\",\"b\"]").Command.Arguments);
        Assert.Empty(Files.One<EntrypointInstruction>("ENTRYPOINT []").Command.Arguments);
        Assert.Equal(["sh", "-c"], Files.One<ShellInstruction>("SHELL [\"sh\", \"-c\"]").Shell);
    }

    [Fact]
    public void Environment()
    {
        var env = Files.One<EnvInstruction>("ENV A=1 B=\"two words\" C=x\\ y D= E='q' F=a=b");
        Assert.Equal(["A=1", "B=\"two words\"", "C=x\\ y", "D=", "E='q'", "F=a=b"], env.Variables.Select(static pair => $"{pair.Name}={pair.Value}"));
        Assert.All(env.Variables, static pair => Assert.False(pair.IsLegacy));
        var legacy = Assert.Single(Files.One<EnvInstruction>("ENV  A   b c=d  ").Variables);
        Assert.Equal(("A", "b c=d", true), (legacy.Name, legacy.Value, legacy.IsLegacy));
        Assert.Equal(["a.b=c", "d=e f"], Files.One<LabelInstruction>("LABEL a.b=c \"d\"=e\\ f").Labels.Select(static pair => $"{pair.Name.Trim('"')}={pair.Value!.Replace("\\", "", StringComparison.Ordinal)}"));
        Assert.True(Assert.Single(Files.One<LabelInstruction>("LABEL a b").Labels).IsLegacy);
    }

    [Fact]
    public void Arguments()
    {
        var arg = Files.One<ArgInstruction>("# b is the second\n#\n# b is the other\n# a the first\nARG a b=2 c=\"x y\" d=");
        Assert.Equal(["a", "b", "c", "d"], arg.Arguments.Select(static argument => argument.Name));
        Assert.Equal([null, "2", "\"x y\"", ""], arg.Arguments.Select(static argument => argument.Value));
        Assert.Equal(["the first", "is the other", null, null], arg.Arguments.Select(static argument => argument.Comment));
    }

    [Fact]
    public void Add()
    {
        var add = Files.One<CopyInstruction>("ADD --chown=1:2 --chmod=u=rwX --link --keep-git-dir=FALSE --checksum=sha256:00 --unpack=true --exclude=*.o --exclude=b a https://x/y.tgz /dst/");
        Assert.True(add.IsAdd);
        Assert.Equal(["a", "https://x/y.tgz"], add.Sources);
        Assert.Equal(("/dst/", "1:2", "u=rwX", true, false, "sha256:00", true), (add.Destination, add.Owner, add.Mode, add.Link, add.KeepGitDirectory, add.Checksum, add.Unpack));
        Assert.Equal(["*.o", "b"], add.Excludes);
        var plain = Files.One<CopyInstruction>("ADD a b");
        Assert.Equal((null, null, false, null, null), (plain.Owner, plain.Mode, plain.Link, plain.KeepGitDirectory, plain.Unpack));
    }

    [Fact]
    public void Copy()
    {
        var copy = Files.One<CopyInstruction>("COPY --from=tools --chown=app --chmod=0644 --link=false --parents --exclude=c [\"a b\", \"d\", \"/e f\"]");
        Assert.False(copy.IsAdd);
        Assert.Equal(["a b", "d"], copy.Sources);
        Assert.Equal(("/e f", "tools", "app", "0644", false, true), (copy.Destination, copy.From, copy.Owner, copy.Mode, copy.Link, copy.Parents));
        Assert.Equal(["--a", "b"], Files.One<CopyInstruction>("COPY -- --a b c").Sources);
    }

    [Fact]
    public void SingleWords()
    {
        Assert.Equal("Jo <jo@example.org>", Files.One<MaintainerInstruction>("MAINTAINER Jo <jo@example.org>").Maintainer);
        Assert.Equal("app:$GROUP", Files.One<UserInstruction>("USER app:$GROUP").User);
        Assert.Equal("/a b/c", Files.One<WorkdirInstruction>("WORKDIR /a b/c").Path);
        Assert.Equal("SIGTERM", Files.One<StopsignalInstruction>("STOPSIGNAL SIGTERM").Signal);
        Assert.Equal(["443/tcp", "53/udp", "8000-8010"], Files.One<ExposeInstruction>("EXPOSE 8000-8010 53/udp\t443/tcp").Ports);
        Assert.Equal(["/a", "/b"], Files.One<VolumeInstruction>("VOLUME /a /b").Paths);
        Assert.Equal(["/a b"], Files.One<VolumeInstruction>("VOLUME [\" /a b \"]").Paths);
    }

    [Fact]
    public void Healthcheck()
    {
        var check = Files.One<HealthcheckInstruction>("HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=0 --start-interval=250ms --retries=3 CMD curl -f localhost");
        Assert.Equal(["CMD-SHELL", "curl -f localhost"], check.Test);
        Assert.Equal((90.0, 1.5, 0.0, 0.25, 3), (check.Interval.TotalSeconds, check.Timeout.TotalSeconds, check.StartPeriod.TotalSeconds, check.StartInterval.TotalSeconds, check.Retries));
        Assert.Equal(["CMD", "a", "b"], Files.One<HealthcheckInstruction>("HEALTHCHECK cmd   [\"a\", \"b\"]").Test);
        Assert.Equal(["NONE"], Files.One<HealthcheckInstruction>("HEALTHCHECK none").Test);
    }

    [Fact]
    public void Onbuild()
    {
        Assert.Equal("RUN --mount=type=tmpfs,target=/t make", Files.One<OnbuildInstruction>("ONBUILD  RUN --mount=type=tmpfs,target=/t make").Trigger);
        var copy = Files.One<OnbuildInstruction>("onbuild COPY <<-a <<b /x/\n\tone\n\ta\n two\nb");
        Assert.Equal("COPY <<-a <<b /x/\n\tone\na\n two\nb", copy.Trigger);
        var trigger = Assert.IsType<CopyInstruction>(DockerfileParser.ParseInstruction(copy.Trigger));
        Assert.Equal([("a", "one\n"), ("b", " two\n")], trigger.Heredocs.Select(static heredoc => (heredoc.Name, heredoc.Content)));
    }

    [Theory]
    [InlineData("RUN a\nRUN b", "onbuild trigger should be a single expression")]
    [InlineData("FROM a", "FROM isn't allowed as an ONBUILD trigger")]
    [InlineData("RUM a", "unknown instruction: RUM (did you mean RUN?)")]
    public void TriggersThatCannotBeRead(string trigger, string message) =>
        Assert.Equal(message, Assert.Throws<Gantry.Model.GantryException>(() => DockerfileParser.ParseInstruction(trigger)).Message);

    [Theory]
    [InlineData("FORM x", "unknown instruction: FORM (did you mean FROM?)")]
    [InlineData("coppy a b", "unknown instruction: coppy (did you mean copy?)")]
    [InlineData("Cpoy a b", "unknown instruction: Cpoy (did you mean copy?)")]
    [InlineData("DEPLOY x", "unknown instruction: DEPLOY")]
    [InlineData("FROM a b", "FROM requires either one or three arguments")]
    [InlineData("FROM a as 1st", "invalid name for build stage: \"1st\", name can't start with a number or contain symbols")]
    [InlineData("FROM a as b/c", "invalid name for build stage: \"b/c\", name can't start with a number or contain symbols")]
    [InlineData("FROM --plattform=x a", "unknown flag: --plattform (did you mean platform?)")]
    [InlineData("COPY a", "COPY requires at least two arguments, but only one was provided. Destination could not be determined")]
    [InlineData("ADD", "ADD requires at least two arguments, but only one was provided. Destination could not be determined")]
    [InlineData("COPY --chown a b", "missing a value on flag: --chown")]
    [InlineData("COPY --link= a b", "missing a value on flag: --link")]
    [InlineData("COPY --link=yes a b", "expecting boolean value for flag --link, not: yes")]
    [InlineData("COPY --from=a --from=b c d", "duplicate flag specified: --from")]
    [InlineData("COPY --checksum=a b c", "unknown flag: --checksum")]
    [InlineData("COPY --chmode=a b c", "unknown flag: --chmode (did you mean chmod?)")]
    [InlineData("COPY a <<EOF\nEOF", "COPY cannot accept a heredoc as a destination")]
    [InlineData("ARG", "ARG requires at least one argument")]
    [InlineData("ARG =a", "ARG names can not be blank")]
    [InlineData("ENV", "ENV requires at least one argument")]
    [InlineData("ENV =a", "ENV names can not be blank")]
    [InlineData("ENV --a b=c", "unknown flag: --a")]
    [InlineData("LABEL", "LABEL requires at least one argument")]
    [InlineData("EXPOSE", "EXPOSE requires at least one argument")]
    [InlineData("VOLUME", "VOLUME requires at least one argument")]
    [InlineData("VOLUME [\" \"]", "VOLUME specified can not be an empty string")]
    [InlineData("USER", "USER requires exactly one argument")]
    [InlineData("WORKDIR", "WORKDIR requires exactly one argument")]
    [InlineData("MAINTAINER", "MAINTAINER requires exactly one argument")]
    [InlineData("STOPSIGNAL", "STOPSIGNAL requires exactly one argument")]
    [InlineData("SHELL sh -c", "SHELL requires the arguments to be in JSON form")]
    [InlineData("SHELL []", "SHELL requires at least one argument")]
    [InlineData("ONBUILD", "ONBUILD requires at least one argument")]
    [InlineData("ONBUILD ONBUILD RUN a", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")]
    [InlineData("ONBUILD from a", "FROM isn't allowed as an ONBUILD trigger")]
    [InlineData("ONBUILD MAINTAINER a", "MAINTAINER isn't allowed as an ONBUILD trigger")]
    [InlineData("RUN --network=bridge a", "invalid network mode \"bridge\"")]
    [InlineData("RUN --security=lax a", "security \"lax\" is not valid")]
    [InlineData("RUN --device=a,b c", "invalid field 'b' must be a key=value pair")]
    [InlineData("RUN --device=name=a,name=b c", "device name already set to a")]
    [InlineData("RUN --device=a,requird=1 c", "unexpected key 'requird' in 'requird=1' (did you mean required?)")]
    [InlineData("RUN --device=a,required=x c", "invalid value for required: x")]
    [InlineData("RUN --mont=a b", "unknown flag: --mont (did you mean mount?)")]
    [InlineData("RUN --mount=from=$x,target=/a b", "'from' doesn't support variable expansion, define alias stage instead")]
    [InlineData("CMD --a b", "unknown flag: --a")]
    [InlineData("HEALTHCHECK", "HEALTHCHECK requires at least one argument")]
    [InlineData("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments")]
    [InlineData("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD")]
    [InlineData("HEALTHCHECK curl x", "Unknown type \"CURL\" in HEALTHCHECK (try CMD)")]
    [InlineData("HEALTHCHECK --interval=5 CMD x", "time: missing unit in duration \"5\"")]
    [InlineData("HEALTHCHECK --interval=5x CMD x", "time: unknown unit \"x\" in duration \"5x\"")]
    [InlineData("HEALTHCHECK --timeout=abc CMD x", "time: invalid duration \"abc\"")]
    [InlineData("HEALTHCHECK --timeout=999us CMD x", "Interval \"timeout\" cannot be less than 1ms")]
    [InlineData("HEALTHCHECK --start-period=-1s CMD x", "Interval \"start-period\" cannot be less than 1ms")]
    [InlineData("HEALTHCHECK --retries=-1 CMD x", "--retries cannot be negative (-1)")]
    [InlineData("HEALTHCHECK --retries=a CMD x", "strconv.ParseInt: parsing \"a\": invalid syntax")]
    [InlineData("HEALTHCHECK --retries=9999999999 CMD x", "strconv.ParseInt: parsing \"9999999999\": value out of range")]
    public void Refusals(string instruction, string message) => Assert.Equal(message, Files.InstructionRefusal(instruction));
}

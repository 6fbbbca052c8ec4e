using System.Text;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Api.Builds;

public sealed class ClassicBuildTests
{
    private static readonly byte[] s_context = BuildDoor.Archive(("Dockerfile", "FROM scratch\n"), ("a/b.txt", "hello"));

    private static string Id(string name) => FakeBuilder.DigestOf(name).Short;

    [Fact]
    public async Task TheWordsAreTheClassicBuilders()
    {
        const string From = "[1/3] FROM docker.io/library/debian", Copy = "[2/3] COPY . .", Run = "[3/3] RUN make";
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder(async (builder, _) =>
        {
            builder.Start("[internal] load build context");
            builder.End("[internal] load build context");
            builder.Start(From);
            builder.End(From, cached: true);
            builder.Start(Copy);
            builder.End(Copy);
            builder.Start(Run);
            // Half of a character, and its other half in another piece.
            builder.Log(Run, [.. "gr\u00fc"u8[..3]]);
            builder.Log(Run, [.. "gr\u00fc"u8[3..], .. "n\n"u8]);
            builder.End(Run);
            builder.Start("exporting to image");
            builder.End("exporting to image");
            await Task.Yield();
            return FakeBuilder.Outcome("docker.io/library/app:latest", "registry.test:5000/a/b:1");
        }));

        var answer = await door.BuildAsync("?t=app&t=registry.test:5000/a/b:1", s_context);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(
            $"""
            Step 1/3 : FROM docker.io/library/debian
             ---> Using cache
             ---> {Id(From)}
            Step 2/3 : COPY . .
             ---> {Id(Copy)}
            Step 3/3 : RUN make
             ---> Running in {Id(Run)}
            grün
             ---> {Id(Run)}
            Successfully built 0123456789ab
            Successfully tagged app:latest
            Successfully tagged registry.test:5000/a/b:1

            """,
            BuildDoor.Said(answer));
        Assert.Contains(BuildDoor.Objects(answer), o => o.TryGetProperty("aux", out var aux) && aux.GetProperty("ID").GetString() == FakeBuilder.Image.ToString());
        Assert.Empty(door.Left);
    }

    [Fact]
    public async Task StepsThatRunAtOnceAreToldOneAfterAnother()
    {
        const string A = "[a 1/1] RUN one", B = "[b 1/1] RUN two";
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((builder, _) =>
        {
            builder.Start(A);
            builder.Start(B);
            builder.Log(B, "of two\n");
            builder.Log(A, "of one\n");
            builder.End(B);
            builder.Log(A, "still one\n");
            builder.End(A);
            return Task.FromResult(FakeBuilder.Outcome());
        }));
        Assert.Equal(
            $"Step 1/1 : RUN one\n ---> Running in {Id(A)}\nof one\nstill one\n ---> {Id(A)}\nStep 1/1 : RUN two\n ---> Running in {Id(B)}\nof two\n ---> {Id(B)}\nSuccessfully built 0123456789ab\n",
            BuildDoor.Said(await door.BuildAsync("", s_context)));
    }

    [Fact]
    public async Task AFailedCommandTellsItsCode()
    {
        const string Run = "[2/2] RUN exit 3";
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((builder, _) =>
        {
            builder.Start(Run);
            builder.Log(Run, "oh no\n");
            builder.End(Run, error: "exit code: 3");
            throw Failure();
        }));
        var answer = await door.BuildAsync("", s_context);
        var last = BuildDoor.Objects(answer)[^1];
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(3, last.GetProperty("errorDetail").GetProperty("code").GetInt32());
        Assert.Equal("The command '/bin/sh -c exit 3' returned a non-zero code: 3", last.GetProperty("errorDetail").GetProperty("message").GetString());
        Assert.Equal("The command '/bin/sh -c exit 3' returned a non-zero code: 3", last.GetProperty("error").GetString());
        Assert.DoesNotContain("Successfully", answer, StringComparison.Ordinal);
        Assert.Contains("oh no", BuildDoor.Said(answer), StringComparison.Ordinal);
        Assert.Empty(door.Left);
    }

    [Fact]
    public async Task ErrorsAreRed()
    {
        const string Run = "[2/2] RUN oops";
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((builder, _) =>
        {
            builder.Start(Run);
            builder.Log(Run, "oops\n"u8.ToArray(), stream: 2);
            builder.End(Run);
            return Task.FromResult(FakeBuilder.Outcome());
        }));
        var answer = await door.BuildAsync("", s_context);
        Assert.Contains(BuildDoor.Objects(answer), o => o.TryGetProperty("stream", out var text) && text.GetString() == "\e[91moops\n\e[0m");
    }

    [Fact]
    public async Task APlatformThatIsNoneIsAFaultOfTheRequest()
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((_, _) => throw new InvalidOperationException("not reached")));
        var answer = await door.BuildAsync("?platform=foobar", s_context);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("unknown operating system or architecture", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatFailsBeforeTheFirstStepHasAStatus()
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((_, _) => throw GantryException.Of(ErrorKind.Invalid, "dockerfile parse error on line 1: unknown instruction: FORM")));
        var answer = await door.BuildAsync("", s_context);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("{\"message\":\"dockerfile parse error on line 1: unknown instruction: FORM\"}\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuietTellsTheIdAlone()
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((builder, _) =>
        {
            builder.End("[1/1] FROM scratch");
            return Task.FromResult(FakeBuilder.Outcome("docker.io/library/app:latest"));
        }));
        Assert.Equal(FakeBuilder.Image + "\n", BuildDoor.Said(await door.BuildAsync("?q=1", s_context)));
    }

    [Fact]
    public async Task QuietTellsEverythingOfAFailure()
    {
        const string Run = "[2/2] RUN exit 3";
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((builder, _) =>
        {
            builder.Start(Run);
            builder.Log(Run, "oh no\n");
            builder.End(Run, error: "exit code: 3");
            throw Failure();
        }));
        var answer = await door.BuildAsync("?q=1", s_context);
        Assert.Contains("oh no\n", BuildDoor.Said(answer), StringComparison.Ordinal);
        Assert.Equal(3, BuildDoor.Objects(answer)[^1].GetProperty("errorDetail").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task AClientThatGoesAwayCancelsTheBuild()
    {
        var canceled = new TaskCompletionSource();
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder(async (builder, cancellationToken) =>
        {
            builder.Start("[1/1] RUN sleep");
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                canceled.SetResult();
            }

            return FakeBuilder.Outcome();
        }));
        await using (var stream = await door.BeginAsync("", s_context))
            Assert.Contains("Step 1/1", await WireServer.ReadUntilAsync(stream, "Step 1/1"), StringComparison.Ordinal);
        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the upload is gone", () => Task.FromResult(!door.Left.Any()));
    }

    [Fact]
    public async Task ABuildIsCanceledByItsId()
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder(async (builder, cancellationToken) =>
        {
            builder.Start("[1/1] RUN sleep");
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return FakeBuilder.Outcome();
        }));
        await using var stream = await door.BeginAsync("?buildid=b1", s_context);
        await WireServer.ReadUntilAsync(stream, "Step 1/1");
        Assert.StartsWith("HTTP/1.1 204 ", await door.CancelAsync("other"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 204 ", await door.CancelAsync("b1"), StringComparison.Ordinal);
        Assert.Contains("\"error\":\"context canceled\"", await WireServer.ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?version=2", 501, "this engine has no builder")]
    [InlineData("?version=3", 400, "invalid version 3")]
    [InlineData("?t=a%20b", 400, "invalid reference format")]
    [InlineData("?t=x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 400, "build tag cannot contain a digest")]
    [InlineData("?buildargs=[]", 400, "error reading build args: expected an object")]
    [InlineData("?buildargs={%22A%22:1}", 400, "error reading build args: A: expected a string")]
    [InlineData("?labels={", 400, "error reading labels: ")]
    [InlineData("?cachefrom={}", 400, "error reading cache-from: expected a list")]
    [InlineData("?ulimits=[1]", 400, "error reading ulimit settings: expected a list of objects")]
    [InlineData("?isolation=hyperv", 400, "unsupported isolation: hyperv")]
    [InlineData("?squash=1", 400, "squash is only supported with experimental mode")]
    [InlineData("?securityopt=[%22a%22]", 400, "The daemon on this platform does not support setting security options on build")]
    [InlineData("?remote=client-session", 400, "needs BuildKit")]
    [InlineData("?outputs=[]", 400, "the classic builder makes images only")]
    public async Task WhatMakesNoSenseIsRefused(string query, int status, string message)
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((_, _) => throw new InvalidOperationException("nothing is built")));
        var answer = await door.BuildAsync(query, s_context);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(message, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryParameterArrives()
    {
        var builder = new FakeBuilder((_, _) => Task.FromResult(FakeBuilder.Outcome()));
        await using var door = await BuildDoor.OpenAsync(builder);
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"https://index.docker.io/v1/":{"username":"u","password":"p"},"r.test:5000":{"auth":"dTI6cDI="},"t.test":{"identitytoken":"tok"}}"""));
        await door.BuildAsync(
            "?dockerfile=sub/Other&t=app&t=app:latest&t=b:2&extrahosts=a:1.2.3.4&extrahosts=b:host-gateway&nocache=1&pull=1&rm=1&forcerm=1&memory=1048576&memswap=-1&cpushares=2&cpusetcpus=0-1"
            + "&cpusetmems=0&cpuperiod=1000&cpuquota=500&shmsize=67108864&squash=0&networkmode=host&platform=linux/arm64&target=final&cgroupparent=/x"
            + "&buildargs=" + Uri.EscapeDataString("""{"A":"1","B":null}""") + "&labels=" + Uri.EscapeDataString("""{"l":"v"}""")
            + "&cachefrom=" + Uri.EscapeDataString("""["c:1"]""") + "&ulimits=" + Uri.EscapeDataString("""[{"Name":"nofile","Hard":2048,"Soft":1024}]"""),
            s_context,
            $"X-Registry-Config: {login}\r\n");
        var spec = builder.Spec;
        Assert.Equal(("context", "sub/Other", "final", "/x", true, true), (spec.Context, spec.DockerfileName, spec.Target, spec.CgroupParent, spec.NoCache, spec.Pull));
        Assert.Equal(["docker.io/library/app:latest", "docker.io/library/b:2"], Assert.Single(spec.Outputs).Names);
        Assert.Equal(["a:1.2.3.4", "b:host-gateway"], spec.ExtraHosts);
        Assert.Equal(new BuildLimits { MemoryBytes = 1048576, MemorySwapBytes = -1, CpuShares = 2, CpusetCpus = "0-1", CpusetMems = "0", CpuPeriod = 1000, CpuQuota = 500 }, spec.Limits);
        Assert.Equal((67108864L, StepNetwork.Host), (spec.ShmSizeBytes, spec.Network));
        Assert.Equal(["network.host"], spec.Entitlements);
        Assert.Equal(["linux/arm64"], spec.Platforms);
        Assert.Equal(new Dictionary<string, string?> { ["A"] = "1", ["B"] = null }, spec.Arguments);
        Assert.Equal(new Dictionary<string, string> { ["l"] = "v" }, spec.Labels);
        Assert.Equal(["c:1"], spec.CacheFrom);
        Assert.Equal(["nofile=1024:2048"], spec.Ulimits);
        Assert.Equal(new RegistryLogin { Username = "u", Secret = "p" }, await builder.Session.FindLoginAsync("docker.io", TestContext.Current.CancellationToken));
        Assert.Equal(new RegistryLogin { Username = "u", Secret = "p" }, await builder.Session.FindLoginAsync("registry-1.docker.io", TestContext.Current.CancellationToken));
        Assert.Equal(new RegistryLogin { Username = "u2", Secret = "p2" }, await builder.Session.FindLoginAsync("r.test:5000", TestContext.Current.CancellationToken));
        Assert.Equal(new RegistryLogin { Username = "", Secret = "tok" }, await builder.Session.FindLoginAsync("t.test", TestContext.Current.CancellationToken));
        Assert.Null(await builder.Session.FindLoginAsync("other.test", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ARemoteContextIsTheBuildersMatter()
    {
        var builder = new FakeBuilder((_, _) => Task.FromResult(FakeBuilder.Outcome()));
        await using var door = await BuildDoor.OpenAsync(builder);
        await door.BuildAsync("?remote=" + Uri.EscapeDataString("https://git.test/a.git#main:sub"), []);
        Assert.Equal("https://git.test/a.git#main:sub", builder.Spec.Context);
    }

    private static GantryException Failure()
    {
        var step = new ExecStep("[2/2] RUN exit 3", [], null, ["/bin/sh", "-c", "exit 3"], []);
        var exit = new StepExitException(step, step.Arguments, 3);
        return GantryException.Of(ErrorKind.Invalid, "process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3", cause: new DockerfileException(new(2, 2), exit));
    }
}

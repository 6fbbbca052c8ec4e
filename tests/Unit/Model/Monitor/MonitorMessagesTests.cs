using System.Buffers;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Model.Monitor;

public sealed class MonitorMessagesTests
{
    [Fact]
    public void Frame_RoundTrips()
    {
        var frame = new MonitorFrame(MonitorMessageKind.Create, 123_456, 7, 0xfedcba98);
        var bytes = new byte[MonitorFrame.HeaderLength];
        frame.Write(bytes);

        Assert.Equal(frame, MonitorFrame.Read(bytes));
    }

    [Fact]
    public void Frame_TooLongIsRefused()
    {
        var bytes = new byte[] { 0xff, 0xff, 0xff, 0xff, MonitorFrame.Version, 1, 0, 0, 0, 0, 0, 0 };
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => MonitorFrame.Read(bytes)).Kind);
    }

    [Fact]
    public void Frame_OtherVersionIsRefused()
    {
        var bytes = new byte[] { 0, 0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0 };
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<GantryException>(() => MonitorFrame.Read(bytes)).Kind);
    }

    [Fact]
    public void Update_RoundTrips()
    {
        var limits = new LinuxResources { Memory = new() { Limit = 1 << 30, Swap = -1 }, Cpu = new() { Quota = 50_000, Period = 100_000 }, Pids = new() { Limit = -1 } };
        var payload = new ArrayBufferWriter<byte>();
        MonitorRequests.WriteUpdate(payload, limits);

        Assert.Equal(limits, MonitorRequests.ReadUpdate(payload.WrittenSpan));
    }

    [Fact]
    public void Create_RoundTrips()
    {
        var tls = new MonitorTls { Host = "log.example", AuthorityFile = "/ca", CertificateFile = "/cert", KeyFile = "/key", SkipVerify = true };
        var remote = new MonitorRemoteLog { Protocol = "tcp", Address = "10.0.0.1", Port = 6514, Tls = tls, Format = "rfc5424", Facility = 3, Tag = "t", Hostname = "h", UtcOffsetMinutes = -60, BufferBytes = 7, DropWhenFull = true };
        var request = new MonitorCreateRequest
        {
            Config = new RuntimeConfig { Hostname = "h\"ü", Process = new RuntimeProcess { Args = ["a", "b c"], Terminal = true } },
            RootfsMounts = [new RootfsMount { Type = "overlay", Source = "overlay", Options = ["lowerdir=a:b", "upperdir=u"], WorkingDirectory = "/d" }, new RootfsMount { Type = "bind", Source = "/x" }],
            OpenStdin = true,
            StdinOnce = true,
            NetworkNamespaceIndex = 2,
            Relays = [new(3, "172.17.0.2", 80), new(4, "172.17.0.2", 443)],
            Log = new MonitorLogOptions { Path = "/l", MaxSizeBytes = 1L << 40, MaxFiles = 3, Attributes = new Dictionary<string, string> { ["k"] = "v" }, Remote = remote },
        };
        var to = new ArrayBufferWriter<byte>();
        MonitorRequests.WriteCreate(to, request);
        var read = MonitorRequests.ReadCreate(to.WrittenSpan);

        Assert.Equal(["a", "b c"], read.Config.Process!.Args);
        Assert.True(read.Config.Process.Terminal);
        Assert.Equal("h\"ü", read.Config.Hostname);
        Assert.Equal(2, read.RootfsMounts.Count);
        Assert.Equal(["lowerdir=a:b", "upperdir=u"], read.RootfsMounts[0].Options);
        Assert.Equal("/d", read.RootfsMounts[0].WorkingDirectory);
        Assert.Null(read.RootfsMounts[1].WorkingDirectory);
        Assert.True(read.OpenStdin && read.StdinOnce);
        Assert.Equal(2, read.NetworkNamespaceIndex);
        Assert.Equal(request.Relays, read.Relays);
        Assert.Equal(1L << 40, read.Log!.MaxSizeBytes);
        Assert.Equal(3, read.Log.MaxFiles);
        Assert.Equal("v", read.Log.Attributes!["k"]);
        Assert.Equal(remote with { Fields = read.Log.Remote!.Fields }, read.Log.Remote);
    }

    [Fact]
    public void Create_UnknownFieldsOfANewerEngineAreSkipped()
    {
        var read = MonitorRequests.ReadCreate("{\"future\":{\"a\":[1,{}]},\"config\":{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[\"x\"]}},\"more\":null}"u8);
        Assert.Equal(["x"], read.Config.Process!.Args);
    }

    [Fact]
    public void Exec_RoundTrips()
    {
        var to = new ArrayBufferWriter<byte>();
        MonitorRequests.WriteExec(to, new MonitorExecRequest { ExecId = "e", Process = new RuntimeProcess { Args = ["sh"], Cwd = "/w" }, OpenStdin = true }, new MonitorAttachRequest { Stdout = true });
        var (request, attach) = MonitorRequests.ReadExec(to.WrittenSpan);

        Assert.Equal(("e", "/w", true), (request.ExecId, request.Process.Cwd, request.OpenStdin));
        Assert.Equal(new MonitorAttachRequest { Stdout = true }, attach);
    }

    [Fact]
    public void Failed_KeepsKindAndLaunchFailure()
    {
        var to = new ArrayBufferWriter<byte>();
        MonitorAnswers.WriteFailed(to, GantryException.Of(ErrorKind.Invalid, "exec: \"x\": executable file not found in $PATH", new LaunchFailure(LaunchStage.Exec, 2)));
        var error = MonitorAnswers.ReadFailed(to.WrittenSpan);

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Equal(new LaunchFailure(LaunchStage.Exec, 2), error.Launch);
        Assert.Equal("exec: \"x\": executable file not found in $PATH", error.Message);
    }

    [Fact]
    public void State_RoundTrips()
    {
        var exit = new ContainerExit(137, new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), true);
        var state = new MonitorState { Status = MonitorStatus.Exited, Pid = 12, StartedAt = DateTimeOffset.UnixEpoch, Execs = [new("a", 5, null), new("b", 6, 3)], Exit = exit };
        var to = new ArrayBufferWriter<byte>();
        MonitorAnswers.WriteState(to, state);
        var read = MonitorAnswers.ReadState(to.WrittenSpan);

        Assert.Equal(state with { Execs = [] }, read with { Execs = [] });
        Assert.Equal(state.Execs, read.Execs);
    }
}

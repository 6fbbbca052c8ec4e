using Gantry.Engine.Composition;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Logs.Drivers;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Monitor;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Logs;

public sealed class LogDriverTests
{
    [Theory]
    [InlineData("splunk", "", "error looking up logging plugin splunk: plugin \"splunk\" not found")]
    [InlineData("json-file", "nonsense=1", "unknown log opt 'nonsense' for json-file log driver")]
    [InlineData("json-file", "max-size=ten", "invalid size: 'ten'")]
    [InlineData("json-file", "max-file=0", "max-file cannot be less than 1")]
    [InlineData("json-file", "max-size=-1;max-file=3", "max-file needs max-size")]
    [InlineData("json-file", "max-size=1m;compress=true", "compress cannot be true when max-file is less than 2 or max-size is not set")]
    [InlineData("local", "compress=perhaps", "invalid value for compress: \"perhaps\"")]
    [InlineData("json-file", "tag={{.Nonsense}}", "invalid log tag")]
    [InlineData("json-file", "labels-regex=(", "invalid labels-regex")]
    [InlineData("json-file", "mode=sometimes", "logger: logging mode not supported: sometimes")]
    [InlineData("json-file", "max-buffer-size=1m", "logger: max-buffer-size option is only supported with 'mode=non-blocking'")]
    [InlineData("local", "tag=x", "unknown log opt 'tag' for local log driver")]
    [InlineData("syslog", "syslog-address=10.0.0.1:514", "syslog-address should be in form proto://address")]
    [InlineData("syslog", "syslog-address=tcp+tls://", "syslog-address should be in form proto://address")]
    [InlineData("syslog", "syslog-tls-nonsense=1", "unknown log opt 'syslog-tls-nonsense' for syslog log driver")]
    [InlineData("syslog", "syslog-address=http://a", "unknown protocol http")]
    [InlineData("syslog", "syslog-facility=nonsense", "invalid syslog facility")]
    [InlineData("syslog", "syslog-format=xml", "Invalid syslog format: xml")]
    public void RefusesWhatThereIsNot(string type, string options, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<GantryException>(() => LogDriver.Check(Config(type, options))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("json-file", "", 10_000_000, 5, false)]
    [InlineData("json-file", "compress=true", 10_000_000, 5, true)]
    [InlineData("json-file", "max-size=1m", 1 << 20, 1, false)]
    [InlineData("json-file", "max-size=1m;max-file=3", 1 << 20, 3, false)]
    [InlineData("json-file", "max-file=2;compress=1", 10_000_000, 2, true)]
    [InlineData("json-file", "max-size=-1", 0, 1, false)]
    [InlineData("local", "", 20_000_000, 5, true)]
    [InlineData("local", "compress=false", 20_000_000, 5, false)]
    [InlineData("local", "max-file=1", 20_000_000, 1, false)]
    public async Task RotatesAsAskedAndByDefault(string type, string options, long size, int files, bool compress)
    {
        var log = await OptionsAsync(type, options);
        Assert.Equal((size, files, compress, "/log"), (log!.MaxSizeBytes, log.MaxFiles, log.Compress, log.Path));
        Assert.Null(log.Remote);
    }

    [Fact]
    public async Task NoneKeepsNothing()
    {
        Assert.Null(await OptionsAsync("none", ""));
        Assert.False(LogDriver.IsReadable(Config("none", "")));
    }

    [Fact]
    public async Task LabelsVariablesAndTagBecomeAttributes()
    {
        var log = await OptionsAsync("json-file", "labels=a,absent;labels-regex=^app;env=X;tag={{.Name}}/{{ .ID }}");
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["app.x"] = "2", ["X"] = "y=z", ["tag"] = $"web/{new string('a', 12)}" }, log!.Attributes!.ToDictionary());
    }

    [Theory]
    [InlineData("syslog-address=udp://127.0.0.1", "udp", "127.0.0.1", 514)]
    [InlineData("syslog-address=tcp://[::1]:601", "tcp", "::1", 601)]
    [InlineData("syslog-address=unixgram:///dev/my log", "unixgram", "/dev/my log", 0)]
    public async Task SyslogAddressesAreTakenApart(string options, string protocol, string address, int port)
    {
        var log = await OptionsAsync("syslog", options + ";syslog-facility=local3;syslog-format=rfc5424;mode=non-blocking;max-buffer-size=2m");
        var remote = log!.Remote!;
        Assert.Equal((protocol, address, port), (remote.Protocol, remote.Address, remote.Port));
        Assert.Equal((19, "rfc5424", new string('a', 12), "host"), (remote.Facility, remote.Format, remote.Tag, remote.Hostname));
        Assert.Equal((2 << 20, true, 60), (remote.BufferBytes, remote.DropWhenFull, remote.UtcOffsetMinutes));
        Assert.Equal(("/log", 20_000_000, 5), (log.Path, log.MaxSizeBytes, log.MaxFiles));
        Assert.Equal("", (await OptionsAsync("syslog", options + ";cache-disabled=true"))!.Path);
    }

    [Fact]
    public async Task SyslogOverTlsIsTakenApart()
    {
        var remote = (await OptionsAsync("syslog", "syslog-address=tcp+tls://127.0.0.1;syslog-tls-ca-cert=/ca;syslog-tls-cert=/cert;syslog-tls-key=/key"))!.Remote!;
        Assert.Equal(("tcp", "127.0.0.1", 514), (remote.Protocol, remote.Address, remote.Port));
        Assert.Equal(new MonitorTls { Host = "127.0.0.1", AuthorityFile = "/ca", CertificateFile = "/cert", KeyFile = "/key" }, remote.Tls);
        // As with Docker: who writes the option does without the check, whatever is said there.
        Assert.True((await OptionsAsync("syslog", "syslog-address=tcp+tls://localhost:6514;syslog-tls-skip-verify=false"))!.Remote!.Tls!.SkipVerify);
        Assert.Null((await OptionsAsync("syslog", "syslog-address=tcp://127.0.0.1;syslog-tls-ca-cert=/ca"))!.Remote!.Tls);
    }

    [Theory]
    [InlineData("com.example.my-label", "COM_EXAMPLE_MY_LABEL")]
    [InlineData("_1x", "X")]
    public void JournalFieldsHaveCapitalLetters(string name, string field) => Assert.Equal(field, JournalTarget.FieldName(name));

    private static Task<MonitorLogOptions?> OptionsAsync(string type, string options) =>
        LogDriver.OptionsAsync(Record(Config(type, options)), "/log", "host", TimeSpan.FromHours(1), CancellationToken.None);

    private static HostConfigLogConfig Config(string type, string options) => new()
    {
        Type = type,
        Config = options.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]),
    };

    private static ContainerRecord Record(HostConfigLogConfig log) => new()
    {
        Id = ContainerId.Parse(new string('a', 64)),
        Name = "web",
        Created = DateTimeOffset.UnixEpoch,
        ImageId = Digest.Parse("sha256:" + new string('b', 64)),
        Config = new ContainerConfig { Image = "busybox", Labels = new Dictionary<string, string> { ["a"] = "1", ["app.x"] = "2", ["other"] = "3" }, Env = ["X=y=z", "Y=1"] },
        HostConfig = new HostConfig { LogConfig = log },
    };
}

using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Gantry.Api.Images;
using Gantry.Api.Routing;
using Gantry.Distribution;
using Gantry.Engine;
using Gantry.Engine.Logs;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Volumes;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;
using Gantry.Network.Ports;
using Gantry.Tests.Support;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gantry.Tests.Unit.Hostile;

/// <summary>Whatever reads what strangers send refuses thousands of damaged inputs in its own way, and never in another: no other exception, no hang, no memory without end.</summary>
public sealed class MutationTests
{
    private const int Cases = 3000;

    // No input here has more than some thousand bytes.
    private const long LargestAllocation = 64 << 20;

    private static readonly HostFacts _facts = new() { Processors = 2 };
    private static readonly EngineOptions _options = new() { RuntimeBinary = "/gantry-runtime" };

    private static readonly Dictionary<string, (byte[][] Seeds, Action<byte[]> Read)> _readers = new()
    {
        ["references"] = (Mutations.Texts("busybox", "localhost:5000/a/b:tag", "[::1]:5000/x/y@sha256:" + new string('a', 64), "docker.io/library/node:20-alpine"), static b => ImageReference.Parse(Text(b))),
        ["digests"] = (Mutations.Texts("sha256:" + new string('0', 64), "sha512:" + new string('f', 128)), static b => Digest.Parse(Text(b))),
        ["archives"] = (Archives(), static b => Drain(Mended(b))),
        ["create bodies"] = (CreateBodies(), static b => Create(b)),
        ["manifests"] = (Mutations.Texts(Manifest), static b => ImageDocuments.ReadManifest(b)),
        ["indexes"] = (Mutations.Texts($$$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{{Descriptor}}},{"mediaType":"x","size":1,"digest":"sha256:{{{new string('b', 64)}}}","platform":{"os":"linux","architecture":"arm","variant":"v7"}}]}"""), static b => ImageDocuments.ReadIndex(b)),
        ["image configurations"] = (Mutations.Texts($$$"""{"architecture":"amd64","os":"linux","created":"2026-01-01T00:00:00Z","config":{"Env":["A=b"],"Cmd":["sh"],"ExposedPorts":{"80/tcp":{}},"Labels":{"a":"b"},"Healthcheck":{"Test":["CMD","true"],"Interval":1}},"rootfs":{"type":"layers","diff_ids":["sha256:{{{new string('c', 64)}}}"]},"history":[{"created_by":"x","empty_layer":true}]}"""), static b => ImageDocuments.ReadConfiguration(b)),
        ["challenges"] = (Mutations.Texts("Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"repository:a/b:pull\"", "Basic realm=\"x y\", Bearer realm=\"a\\\"b\"", "Negotiate abc=="), static b => AuthChallenge.Parse(Text(b))),
        ["filters"] = (Mutations.Texts("""{"name":["a"],"label":{"x=y":true}}""", """{"status":["running","exited"]}"""), static b => Filters.Parse(Text(b))),
        ["times"] = (Mutations.Texts("1700000000.123456789", "2026-01-02T03:04:05.678Z", "2026-01-02", "1h30m5.5s"), static b => Timestamp.TryParse(Text(b), DateTimeOffset.UnixEpoch, out _)),
        ["platforms"] = (Mutations.Texts("linux/arm64/v8", """{"os":"linux","architecture":"amd64"}"""), static b => PlatformText.Parse(Text(b))),
        ["credentials"] = (Mutations.Texts(Convert.ToBase64String("{\"username\":\"u\",\"password\":\"p\",\"auth\":\"dTpw\"}"u8)), static b => RegistryAuth.Read(new HeaderDictionary { ["X-Registry-Auth"] = Text(b) })),
        ["log lines"] = (Mutations.Texts("""{"log":"text\u001b\n","stream":"stderr","attrs":{"a":"b"},"time":"2026-01-02T03:04:05.678901234Z"}"""), static b => LogLineReader.Find(b)),
        ["runtime configurations"] = (Mutations.Texts(RuntimeConfiguration), static b => RuntimeConfigReader.Read(b)),
        ["seccomp profiles"] = (Mutations.Texts("""{"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}],"includes":{"caps":["CAP_SYS_ADMIN"]}}]}"""), static b => SeccompProfile.Parse(Text(b))),
        ["binds"] = (Mutations.Texts("/a:/b:ro,rslave,z", "name:/data:nocopy", "/data"), static b => BindText.Parse(Text(b), [])),
        ["ports"] = (Mutations.Texts("80/tcp", "8000/udp", "53"), static b => PortRequest.From(Text(b), new PortBinding { HostIp = "127.0.0.1", HostPort = Text(b).Split('/')[0] })),
        ["messages to monitors"] = (Messages(), static b => ReadMessage(b)),
    };

    public static TheoryData<string> Readers => [.. _readers.Keys];

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task DamagedInputIsRefusedInWords(string reader)
    {
        var (seeds, read) = _readers[reader];
        foreach (var seed in seeds)
            read(seed); // the undamaged ones are read: what follows gets past the first check
        // The limit is for a hang alone; all cases together take a fraction of a second.
        await Task.Run(() => Enumerable.Range(0, Cases).ToList().ForEach(number => Try(read, Mutations.Of(seeds, number), number, reader == "messages to monitors")), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task DamagedLogFilesAreRead()
    {
        var folder = Directory.CreateTempSubdirectory("gantry-logs-").FullName;
        var path = Path.Combine(folder, "log");
        var whole = Mutations.Texts(string.Concat(Enumerable.Range(0, 20).Select(i => $"{{\"log\":\"line {i}\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:{i:00}.5Z\"}}\n")));
        try
        {
            for (var number = 0; number < 200; number++)
            {
                await File.WriteAllBytesAsync(path, Mutations.Of(whole, number), TestContext.Current.CancellationToken);
                foreach (var query in (LogQuery[])[new() { Stdout = true, Stderr = true }, new() { Stdout = true, Tail = 3 }, new() { Stdout = true, Since = DateTimeOffset.UnixEpoch.AddYears(56) }])
                {
                    var lines = 0;
                    await foreach (var _ in ContainerLogReader.ReadAsync(path, query, TestContext.Current.CancellationToken))
                        lines++;
                    Assert.True(lines <= 60, $"case {number}: {lines} lines");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What comes from the engine's own side is refused by the monitor as a whole: see MonitorServer.Translate.
    private static void Try(Action<byte[]> read, byte[] input, int number, bool isMessage)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(input);
        }
        catch (Exception refused) when (refused is GantryException or JsonException || (refused is InvalidOperationException or FormatException && isMessage))
        {
            Assert.NotEmpty(refused.Message);
        }
        catch (Exception wrong)
        {
            Assert.Fail($"case {number}: {wrong}\n{Convert.ToBase64String(input)}");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < LargestAllocation, $"case {number}: {allocated} bytes for {input.Length}\n{Convert.ToBase64String(input)}");
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Descriptor => $$$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":7,"digest":"sha256:{{{new string('a', 64)}}}","platform":{"os":"linux","architecture":"amd64"}}""";

    private static string Manifest =>
        $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":7,"digest":"sha256:{{new string('a', 64)}}"},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":9,"digest":"sha256:{{new string('b', 64)}}"}]}""";

    private static string RuntimeConfiguration => """
        {"ociVersion":"1.2.0","process":{"terminal":true,"user":{"uid":1,"gid":2,"umask":18,"additionalGids":[3]},"args":["sh"],"env":["A=b"],"cwd":"/","rlimits":[{"type":"RLIMIT_NOFILE","hard":1,"soft":1}]},
        "root":{"path":"rootfs","readonly":true},"mounts":[{"destination":"/proc","type":"proc","source":"proc","options":["nosuid"]}],"linux":{"namespaces":[{"type":"pid"}],"resources":{"memory":{"limit":9},"devices":[{"allow":false,"access":"rwm"}]},
        "seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO"}]}}}
        """;

    private static byte[][] CreateBodies()
    {
        var samples = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Unit/Compat/samples.json")));
        return [.. samples.RootElement.EnumerateObject().Select(static s => Encoding.UTF8.GetBytes(s.Value.GetRawText()))];
    }

    private static void Create(byte[] body)
    {
        if (ApiJson.Read<ContainerCreateRequest>(body) is not { } request)
            return;
        var host = SpecDefaults.Complete(request.HostConfig ?? new HostConfig(), _facts, _options);
        List<string> problems = [.. CreateValidator.Problems(request.Config ?? new ContainerConfig(), host, _facts)];
        MountParser.Parse(request.Config ?? new ContainerConfig(), host, null, problems);
        PortRequest.FromBindings(host.PortBindings);
        _ = ApiJson.Write(request);
    }

    private static byte[][] Archives() => [.. new[] { TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar, TarEntryFormat.V7 }.Select(Archive)];

    private static byte[] Archive(TarEntryFormat format)
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, format, leaveOpen: true))
        {
            foreach (var (type, name, link) in ((TarEntryType, string, string?)[])[(TarEntryType.Directory, "d/", null), (TarEntryType.SymbolicLink, "d/s", "../x"), (TarEntryType.HardLink, "d/h", "d/s")])
                writer.WriteEntry(Entry(type, name, link));
            var file = Entry(format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, format is TarEntryFormat.Pax or TarEntryFormat.Gnu ? new string('n', 150) : "file", null);
            file.DataStream = new MemoryStream([.. "some content"u8]);
            writer.WriteEntry(file);
        }

        return bytes.ToArray();

        System.Formats.Tar.TarEntry Entry(TarEntryType type, string name, string? link)
        {
            System.Formats.Tar.TarEntry entry = format switch
            {
                TarEntryFormat.Pax => new PaxTarEntry(type, name, new Dictionary<string, string> { ["SCHILY.xattr.user.a"] = "b", ["GNU.sparse.major"] = "1" }.Where(p => type != TarEntryType.RegularFile || p.Key[0] == 'S')),
                TarEntryFormat.Gnu => new GnuTarEntry(type, name),
                TarEntryFormat.Ustar => new UstarTarEntry(type, name),
                _ => new V7TarEntry(type, name),
            };
            if (link is not null)
                entry.LinkName = link;
            return entry;
        }
    }

    /// <summary>Makes the checksums right again: else no damage to a header would be seen beyond them.</summary>
    private static byte[] Mended(byte[] archive)
    {
        for (var at = 0; at + 512 <= archive.Length; at += 512)
        {
            var header = archive.AsSpan(at, 512);
            if (header[148..156].IndexOfAnyExceptInRange((byte)' ', (byte)'7') >= 0 && !header[257..262].SequenceEqual("ustar"u8))
                continue;
            header[148..156].Fill((byte)' ');
            var sum = 0;
            foreach (var value in header)
                sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
        }
        return archive;
    }

    private static void Drain(byte[] archive)
    {
        using var reader = new Gantry.Archive.TarReader(new MemoryStream(archive));
        for (var entries = 0; reader.Next() is not null; entries++)
        {
            Assert.True(entries <= archive.Length / 512, "more entries than blocks");
            reader.Drain();
        }
    }

    private static byte[][] Messages()
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        MonitorRequests.WriteResize(writer, "exec", 24, 80);
        var resize = writer.WrittenSpan.ToArray();
        writer.Clear();
        MonitorRequests.WriteKill(writer, 9);
        return [[1, .. resize], [2, .. writer.WrittenSpan]];
    }

    private static void ReadMessage(byte[] message)
    {
        if (message is not [var kind, .. var payload])
            return;
        switch (kind % 6)
        {
            case 0:
                MonitorRequests.ReadBind(payload);
                break;
            case 1:
                MonitorRequests.ReadResize(payload);
                break;
            case 2:
                MonitorRequests.ReadKill(payload);
                break;
            case 3:
                MonitorRequests.ReadCreate(payload);
                break;
            case 4:
                MonitorRequests.ReadExec(payload);
                break;
            default:
                MonitorRequests.ReadAttach(payload);
                break;
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Api.Builds;

/// <summary>The door of Gantry's own command line.</summary>
public sealed class OwnBuildTests
{
    private static byte[] Body(string head, byte[] archive)
    {
        var bytes = Encoding.UTF8.GetBytes(head);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        return [.. length, .. bytes, .. archive];
    }

    /// <summary>What a client sends when it is asked for a directory of one file, which is not here yet.</summary>
    private static byte[] Directory(string name, string content)
    {
        var listing = new ArrayBufferWriter<byte>();
        new ListingWriter(listing).Add(new() { Path = name, Kind = InodeStatus.KindRegular, Permissions = 0x1A4, Size = content.Length });
        byte[] entry = [.. Piece(listing.WrittenSpan), .. Piece([])];
        return [.. entry, .. Piece(Encoding.UTF8.GetBytes(content)), .. Piece([]), .. entry];
    }

    private static byte[] Piece(ReadOnlySpan<byte> bytes)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        return [.. length, .. bytes];
    }

    [Fact]
    public async Task DirectoriesAndSecretsComeInTheBody()
    {
        var received = new Dictionary<string, string>();
        var builder = new FakeBuilder(async (builder, cancellationToken) =>
        {
            foreach (var name in (string[])["context", "dockerfile", "weird/../name"])
            {
                var directory = global::System.IO.Directory.CreateTempSubdirectory("gantry-received-").FullName;
                await builder.Session.ReceiveAsync(new() { Name = name }, directory, null, cancellationToken);
                received[name] = string.Join(' ', global::System.IO.Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(directory, f) + "=" + File.ReadAllText(f)).Order());
                global::System.IO.Directory.Delete(directory, recursive: true);
            }

            var missing = await Assert.ThrowsAsync<GantryException>(() => builder.Session.ReceiveAsync(new() { Name = "other" }, Path.GetTempPath(), null, cancellationToken));
            Assert.Equal(ErrorKind.NotFound, missing.Kind);
            return FakeBuilder.Outcome("docker.io/library/app:latest");
        });
        await using var door = await BuildDoor.OpenAsync(builder);
        var answer = await door.BuildAsync(
            "?version=gantry&t=app&nocachefilter=a&allow=security.insecure&contexts=" + Uri.EscapeDataString("""{"base":"local:weird/../name"}""") + "&outputs=" + Uri.EscapeDataString("""[{"Type":"image","Attrs":{}},{"Type":"local","Attrs":{"dest":"x"}}]"""),
            Body("""{"directories":["context","dockerfile","weird/../name"],"secrets":{"token":"aHVzaA=="}}""", [.. Directory("a.txt", "A"), .. Directory("Dockerfile", "FROM scratch"), .. Directory("d", "D")]));
        Assert.Equal("a.txt=A", received["context"]);
        Assert.Equal("Dockerfile=FROM scratch", received["dockerfile"]);
        Assert.Equal("d=D", received["weird/../name"]);
        Assert.Equal("hush", Encoding.UTF8.GetString((await builder.Session.FindSecretAsync("token", TestContext.Current.CancellationToken))!));
        Assert.Null(await builder.Session.FindSecretAsync("other", TestContext.Current.CancellationToken));
        Assert.Equal(["a"], builder.Spec.NoCacheStages);
        Assert.Equal(["security.insecure"], builder.Spec.Entitlements);
        Assert.Equal("local:weird/../name", builder.Spec.NamedContexts["base"]);
        Assert.Equal((BuildOutputKind.Image, BuildOutputKind.Local), (builder.Spec.Outputs[0].Kind, builder.Spec.Outputs[1].Kind));
        Assert.Equal(["docker.io/library/app:latest"], builder.Spec.Outputs[0].Names);
        Assert.Equal("1", builder.Spec.Outputs[1].ExporterId);
        Assert.Equal(FakeBuilder.Image.ToString(), BuildDoor.Objects(answer)[^1].GetProperty("result").GetProperty("image").GetString());
        Assert.Equal(["context", "dockerfile", "weird/../name"], Orders(answer, "listing").Select(static order => order.GetProperty("name").GetString()));
        Assert.Equal(3, Orders(answer, "files").Count(static files => files[0].GetInt32() == 0));
        Assert.DoesNotContain("hush", answer, StringComparison.Ordinal);
        Assert.Empty(door.Left);
    }

    [Theory]
    [InlineData("../out", "no path inside a directory")]
    [InlineData("/etc/passwd", "no path inside a directory")]
    [InlineData("missing/a", "its directory was not sent before it")]
    public async Task AListingIsNotTrusted(string path, string message)
    {
        var target = global::System.IO.Directory.CreateTempSubdirectory("gantry-received-").FullName;
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder(async (builder, cancellationToken) =>
        {
            await builder.Session.ReceiveAsync(new() { Name = "context" }, target, null, cancellationToken);
            return FakeBuilder.Outcome();
        }));
        var answer = await door.BuildAsync("?version=gantry", Body("""{"directories":["context"]}""", Directory(path, "x")));
        Assert.Contains(message, BuildDoor.Objects(answer)[^1].GetProperty("failure").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(global::System.IO.Directory.EnumerateFileSystemEntries(target));
        global::System.IO.Directory.Delete(target);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 2, 1, 2, 0, 0, 0, 0 }, "is damaged")]
    [InlineData(new byte[] { 0x7F, 0, 0, 0 }, "4194304 are the most")]
    [InlineData(new byte[] { 0, 0, 0, 9, 1 }, "broke off")]
    [InlineData(new byte[] { }, "broke off")]
    public async Task AListingThatIsNoneIsRefused(byte[] listing, string message)
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder(async (builder, cancellationToken) =>
        {
            await builder.Session.ReceiveAsync(new() { Name = "context" }, Path.GetTempPath(), null, cancellationToken);
            return FakeBuilder.Outcome();
        }));
        var answer = await door.BuildAsync("?version=gantry", Body("""{"directories":["context"]}""", listing));
        Assert.Contains(message, BuildDoor.Objects(answer)[^1].GetProperty("failure").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<JsonElement> Orders(string answer, string kind) =>
        BuildDoor.Objects(answer).Where(o => o.TryGetProperty("send", out var send) && send.TryGetProperty(kind, out _)).Select(o => o.GetProperty("send").GetProperty(kind));

    [Fact]
    public async Task AQuestionIsAnsweredAndNothingIsBuilt()
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((_, _) => throw new InvalidOperationException("nothing is built")));
        var answer = Assert.Single(BuildDoor.Objects(await door.BuildAsync("?version=gantry&call=lint&target=t", Body("""{"directories":[]}""", [])))).GetProperty("answer");
        Assert.Equal(("""{"asked":"frontend.lint of t"}""", "in words\n", 1), (answer.GetProperty("json").GetString(), answer.GetProperty("text").GetString(), answer.GetProperty("statusCode").GetInt32()));
        Assert.StartsWith("HTTP/1.1 501 ", await door.BuildAsync("?version=gantry&call=weather", Body("""{"directories":[]}""", [])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventsAndFilesComeAsLines()
    {
        const string Run = "[1/1] RUN x";
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder(async (builder, cancellationToken) =>
        {
            builder.Start(Run);
            builder.Log(Run, [0xFF, 0x00, (byte)'a']);
            await builder.Session.SendArchiveAsync(new() { Kind = BuildOutputKind.Tar, ExporterId = "0" }, new MemoryStream("archive"u8.ToArray()), cancellationToken);
            throw GantryException.Of(ErrorKind.Invalid, "no", cause: new DockerfileException(new(2, 3)));
        }));
        var objects = BuildDoor.Objects(await door.BuildAsync("?version=gantry", Body("""{"directories":[]}""", [])));
        Assert.Equal(Run, objects[0].GetProperty("vertex").GetProperty("name").GetString());
        Assert.Equal("2024-01-02T03:04:05.0000000Z", objects[0].GetProperty("vertex").GetProperty("started").GetString());
        Assert.Equal([0xFF, 0x00, (byte)'a'], objects[1].GetProperty("log").GetProperty("data").GetBytesFromBase64());
        Assert.Equal("archive", Encoding.UTF8.GetString(objects[2].GetProperty("file").GetProperty("data").GetBytesFromBase64()));
        Assert.True(objects[3].GetProperty("file").GetProperty("end").GetBoolean());
        var failure = objects[4].GetProperty("failure");
        Assert.Equal(("no", "Invalid", 2, 3), (failure.GetProperty("message").GetString(), failure.GetProperty("kind").GetString(), failure.GetProperty("firstLine").GetInt32(), failure.GetProperty("lastLine").GetInt32()));
    }

    [Theory]
    [InlineData("{", "is not the JSON")]
    [InlineData("""{"directories":{}}""", "is not the JSON")]
    [InlineData("""{"secrets":{"a":"%"}}""", "is not the JSON")]
    public async Task AHeadThatMakesNoSenseIsRefused(string head, string message)
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((_, _) => throw new InvalidOperationException("nothing is built")));
        var answer = await door.BuildAsync("?version=gantry", Body(head, []));
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains(message, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 1 }, "is larger than 8 MiB")]
    [InlineData(new byte[] { 0, 0, 0, 9, 1 }, "breaks off in its head")]
    [InlineData(new byte[] { }, "breaks off in its head")]
    public async Task AHeadThatIsNotWholeIsRefused(byte[] body, string message)
    {
        await using var door = await BuildDoor.OpenAsync(new FakeBuilder((_, _) => throw new InvalidOperationException("nothing is built")));
        var answer = await door.BuildAsync("?version=gantry", body);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains(message, answer, StringComparison.Ordinal);
    }
}

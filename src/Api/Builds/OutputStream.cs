using System.Buffers;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Api.Builds;

/// <summary>An archive on its way to Gantry's command line, as lines among those that tell of the build: <c>{"file":{"output":"0","data":"base64"}}</c>, at its end with <c>"end":true</c>.</summary>
internal sealed class OutputStream(BuildStream stream, string output) : ForwardStream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > 0)
            await stream.SendAsync(Line(json => json.WriteBase64String("data", buffer.Span)), cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        await stream.SendAsync(Line(static json => json.WriteBoolean("end", true)), CancellationToken.None);
        await base.DisposeAsync();
    }

    private ReadOnlyMemory<byte> Line(Action<Utf8JsonWriter> content)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteStartObject("file");
            json.WriteString("output", output);
            content(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        return line.WrittenMemory;
    }
}

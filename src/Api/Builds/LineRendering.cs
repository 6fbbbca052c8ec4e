using System.Buffers;
using System.Text.Json;
using Gantry.Build;

namespace Gantry.Api.Builds;

/// <summary>Gantry's own door: every event as a JSON line, for clients that draw it themselves.</summary>
internal sealed class LineRendering : IBuildRendering
{
    public void Write(IBufferWriter<byte> output, VertexProgress vertex) => Line(output, json => BuildEventJson.Write(json, vertex));

    public void Write(IBufferWriter<byte> output, VertexLog log) => Line(output, json => BuildEventJson.Write(json, log));

    public void Write(IBufferWriter<byte> output, VertexStatus status) => Line(output, json => BuildEventJson.Write(json, status));

    public void Write(IBufferWriter<byte> output, VertexWarnings warnings) => Line(output, json => BuildEventJson.Write(json, warnings));

    public void Finish(IBufferWriter<byte> output, BuildOutcome outcome) => Line(output, json => BuildEventJson.Write(json, outcome));

    public void Fail(IBufferWriter<byte> output, Exception failure) => Line(output, json => BuildEventJson.Write(json, failure));

    /// <summary>Writes the answer to a question: the last that is written.</summary>
    public static void Finish(IBufferWriter<byte> output, SubrequestReply reply) => Line(output, json => BuildEventJson.Write(json, reply));

    private static void Line(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(output))
            write(json);
        output.Write("\n"u8);
    }
}

using System.Buffers;
using Gantry.Build;

namespace Gantry.Api.Builds;

/// <summary>The classic door with <c>q=1</c>: the image's id alone, or, when the build failed, all that it would have said.</summary>
internal sealed class QuietRendering : IBuildRendering
{
    // As much as is kept to be told of a build that may fail.
    private const int MostKept = 8 << 20;

    private readonly ClassicRendering _classic = new();
    private readonly ArrayBufferWriter<byte> _said = new();

    public void Write(IBufferWriter<byte> output, VertexProgress vertex) => _classic.Write(_said, vertex);

    public void Write(IBufferWriter<byte> output, VertexLog log)
    {
        if (_said.WrittenCount < MostKept)
            _classic.Write(_said, log);
    }

    public void Write(IBufferWriter<byte> output, VertexStatus status)
    {
        // Nothing of the progress is told.
    }

    public void Finish(IBufferWriter<byte> output, BuildOutcome outcome)
    {
        if (outcome.Image is { } image)
            ClassicRendering.Stream(output, image + "\n");
    }

    public void Fail(IBufferWriter<byte> output, Exception failure)
    {
        output.Write(_said.WrittenSpan);
        ClassicRendering.WriteFailure(output, failure);
    }
}

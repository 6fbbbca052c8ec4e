using System.Buffers;
using Gantry.Build;

namespace Gantry.Api.Builds;

/// <summary>Puts what happens in a build into the words of one door. Called by one thread.</summary>
internal interface IBuildRendering
{
    void Write(IBufferWriter<byte> output, VertexProgress vertex);

    void Write(IBufferWriter<byte> output, VertexLog log);

    void Write(IBufferWriter<byte> output, VertexStatus status);

    /// <summary>The classic builder had no linter: its doors say nothing.</summary>
    void Write(IBufferWriter<byte> output, VertexWarnings warnings)
    {
    }

    /// <summary>The build has its result: the last that is written.</summary>
    void Finish(IBufferWriter<byte> output, BuildOutcome outcome);

    /// <summary>The build failed after something was written: the last that is written.</summary>
    void Fail(IBufferWriter<byte> output, Exception failure);
}

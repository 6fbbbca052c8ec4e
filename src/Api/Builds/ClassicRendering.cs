using System.Buffers;
using System.Text;
using System.Text.Json;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.Builds;

/// <summary>The words of the classic builder: <c>Step 1/4 : FROM debian</c>, <c> ---&gt; Running in …</c>, <c>Successfully built …</c>.</summary>
/// <remarks>
/// The classic builder ran one step after another; here stages run at once. So only one step's output is shown as it
/// comes; that of others waits until their turn. Source: moby builder/dockerfile, dispatchers.go, evaluator.go, builder.go.
/// </remarks>
internal sealed class ClassicRendering : IBuildRendering
{
    // What is kept of the output of a step that waits for its turn.
    private const int MostWaiting = 4 << 20;

    private readonly Dictionary<Digest, Step> _steps = [];
    private readonly Queue<Step> _waiting = [];
    private Step? _shown;

    public void Write(IBufferWriter<byte> output, VertexProgress vertex)
    {
        if (StepName.Parse(vertex.Name) is not { } name || (vertex.Started is null && !vertex.Cached))
            return;
        if (!_steps.TryGetValue(vertex.Digest, out var step))
        {
            _steps[vertex.Digest] = step = new(vertex.Digest, name) { Cached = vertex.Cached };
            _waiting.Enqueue(step);
        }
        // Told again after its end, or as a later build of the same step: it was shown.
        if (step.Ended)
            return;
        step.Cached |= vertex.Cached;
        step.Ended = vertex.Completed is not null;
        step.Failed = vertex.Error is not null;
        Advance(output);
    }

    public void Write(IBufferWriter<byte> output, VertexLog log)
    {
        if (!_steps.TryGetValue(log.Vertex, out var step))
            return;
        var text = step.Decode(log.Data.Span, log.Stream);
        if (text.Length == 0)
            return;
        // Errors are bright red. Source: moby pkg/streamformatter, NewStderrWriter.
        if (log.Stream == 2)
            text = $"\e[91m{text}\e[0m";
        if (step == _shown)
        {
            ShowRunning(output, step);
            Stream(output, text);
        }
        else if (step.Kept.Length + text.Length <= MostWaiting)
            step.Kept.Append(text);
        else if (!step.Clipped)
        {
            step.Clipped = true;
            step.Kept.Append("\n[output clipped]\n");
        }
    }

    public void Write(IBufferWriter<byte> output, VertexStatus status)
    {
        // The classic builder tells of no bytes.
    }

    public void Finish(IBufferWriter<byte> output, BuildOutcome outcome)
    {
        if (outcome.Image is not { } image)
            return;
        Object(output, json =>
        {
            json.WriteStartObject("aux");
            json.WriteString("ID", image.ToString());
            json.WriteEndObject();
        });
        Stream(output, $"Successfully built {image.Short}\n");
        foreach (var name in outcome.Names)
            Stream(output, $"Successfully tagged {(ImageReference.TryParse(name, out var reference) ? reference.Familiar : name)}\n");
    }

    public void Fail(IBufferWriter<byte> output, Exception failure) => WriteFailure(output, failure);

    /// <summary>Writes why there is no image, with the exit code where a command failed.</summary>
    internal static void WriteFailure(IBufferWriter<byte> output, Exception failure)
    {
        var exit = FailureCauses.Find<StepExitException>(failure);
        var message = exit is not null ? $"The command '{string.Join(' ', exit.Arguments)}' returned a non-zero code: {exit.ExitCode}"
            : FailureCauses.Find<MissingFileException>(failure) is { } missing ? Missing(missing)
            : failure is OperationCanceledException ? "context canceled" : failure.Message;
        Object(output, json =>
        {
            json.WriteStartObject("errorDetail");
            if (exit is not null)
                json.WriteNumber("code", exit.ExitCode);
            json.WriteString("message", message);
            json.WriteEndObject();
            json.WriteString("error", message);
        });
    }

    // Source: moby builder/dockerfile/copy.go, for COPY and ADD alike but for their names.
    private static string Missing(MissingFileException missing) =>
        $"COPY failed: {(missing.IsOfContext ? "file not found in build context or excluded by .dockerignore: " : "")}stat {missing.Path}: file does not exist{(missing.Hint.Length > 0 ? $" ({missing.Hint})" : "")}";

    internal static void Stream(IBufferWriter<byte> output, string text)
    {
        if (text.Length > 0)
            Object(output, json => json.WriteString("stream", text));
    }

    private static void Object(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        output.Write("\r\n"u8);
    }

    private void Advance(IBufferWriter<byte> output)
    {
        while (true)
        {
            if (_shown is { Ended: false })
                return;
            if (_shown is not null)
                ShowEnd(output, _shown);
            _shown = null;
            if (!_waiting.TryDequeue(out var next))
                return;
            _shown = next;
            Stream(output, $"Step {next.Name.Number}/{next.Name.Total} : {next.Name.Text}\n");
            if (next.Kept.Length == 0)
                continue;
            ShowRunning(output, next);
            Stream(output, next.Kept.ToString());
            next.Kept.Clear();
        }
    }

    // Not when it begins: only at its end is it known whether a result was there already.
    private static void ShowRunning(IBufferWriter<byte> output, Step step)
    {
        if (step.Name.IsRun && !step.Announced)
            Stream(output, $" ---> Running in {step.Digest.Short}\n");
        step.Announced = true;
    }

    private static void ShowEnd(IBufferWriter<byte> output, Step step)
    {
        if (step.Cached)
            Stream(output, " ---> Using cache\n");
        else
            ShowRunning(output, step);
        if (!step.Failed)
            Stream(output, $" ---> {step.Digest.Short}\n");
    }

    private sealed class Step(Digest digest, StepName name)
    {
        private readonly Decoder[] _decoders = [Encoding.UTF8.GetDecoder(), Encoding.UTF8.GetDecoder()];

        public Digest Digest => digest;

        public StepName Name => name;

        public StringBuilder Kept { get; } = new();

        public bool Cached { get; set; }

        public bool Announced { get; set; }

        public bool Ended { get; set; }

        public bool Failed { get; set; }

        public bool Clipped { get; set; }

        /// <summary>The text of a piece of output; half a character at its end waits for the rest.</summary>
        public string Decode(ReadOnlySpan<byte> data, int stream)
        {
            var decoder = _decoders[stream == 2 ? 1 : 0];
            var chars = new char[decoder.GetCharCount(data, flush: false)];
            decoder.GetChars(data, chars, flush: false);
            return new(chars);
        }
    }
}

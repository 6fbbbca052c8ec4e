using System.Buffers;
using System.Text.Json;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.History;

/// <summary>Writes the log of one build while it goes on to another listener. A full disk is no reason to fail a build: then the log ends.</summary>
internal sealed class BuildLog : IBuildProgress, IDisposable
{
    // More is not kept of the output of one build; what its steps became is.
    private const long MostOutput = 64L << 20;

    // The end is one line of what is read at once.
    private const int LongestReason = 8 << 10;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Dictionary<Digest, VertexProgress> _vertexes = [];
    private int _warnings;
    private FileStream? _file;
    private long _output;

    internal BuildLog(string path, string id, BuildSpec spec, DateTimeOffset started, TimeProvider time)
    {
        Id = id;
        _time = time;
        try
        {
            _file = new(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 32 << 10,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException)
        {
            // See above.
        }

        Write(json =>
        {
            // Neither arguments nor secrets: both may hold what nobody else should read.
            json.WriteStartObject();
            json.WriteStartObject("build");
            json.WriteString("id", id);
            json.WriteString("started", started);
            json.WriteString("reference", spec.Reference.Length > 0 ? spec.Reference : id);
            json.WriteString("context", RemoteContext.Redact(spec.Context));
            json.WriteString("dockerfile", spec.DockerfileName);
            json.WriteString("target", spec.Target);
            json.WriteStartArray("names");
            foreach (var name in spec.Outputs.SelectMany(static output => output.Names).Take(100))
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        });
        Flush();
    }

    public string Id { get; }

    /// <summary>Is told everything too.</summary>
    public required IBuildProgress Next { get; init; }

    /// <summary>Is called when the log is closed.</summary>
    public required Action Closed { get; init; }

    public void Report(VertexProgress vertex)
    {
        lock (_gate)
            _vertexes[vertex.Digest] = vertex;
        Write(json => BuildEventJson.Write(json, vertex));
        Next.Report(vertex);
    }

    public void Report(VertexLog log)
    {
        if (Interlocked.Add(ref _output, log.Data.Length) <= MostOutput)
            Write(json => BuildEventJson.Write(json, log));
        Next.Report(log);
    }

    public void Report(VertexStatus status)
    {
        // How far something was on its way interests nobody afterwards.
        if (status.Completed is not null)
            Write(json => BuildEventJson.Write(json, status));
        Next.Report(status);
    }

    public void Report(VertexWarnings warnings)
    {
        Interlocked.Add(ref _warnings, warnings.Warnings.Count);
        Write(json => BuildEventJson.Write(json, warnings));
        Next.Report(warnings);
    }

    /// <summary>Writes how the build ended.</summary>
    public void End(BuildOutcome outcome)
    {
        Write(json => BuildEventJson.Write(json, outcome));
        End("built", "");
    }

    /// <summary>Writes why it failed.</summary>
    public void End(Exception failure)
    {
        Write(json => BuildEventJson.Write(json, failure));
        End(failure is OperationCanceledException ? "canceled" : "failed", failure.Message.Length <= LongestReason ? failure.Message : failure.Message[..LongestReason]);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _file?.Dispose();
            }
            catch (IOException)
            {
                // See above.
            }

            _file = null;
        }

        Closed();
    }

    private void End(string status, string failure)
    {
        List<VertexProgress> vertexes;
        lock (_gate)
            vertexes = [.. _vertexes.Values];
        Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("end");
            json.WriteString("status", status);
            json.WriteString("time", _time.GetUtcNow());
            if (failure.Length > 0)
                json.WriteString("failure", failure);
            json.WriteNumber("steps", vertexes.Count);
            json.WriteNumber("completed", vertexes.Count(static vertex => vertex is { Completed: not null, Error: null }));
            json.WriteNumber("cached", vertexes.Count(static vertex => vertex.Cached));
            json.WriteNumber("warnings", _warnings);
            json.WriteEndObject();
            json.WriteEndObject();
        });
        Flush();
    }

    private void Flush()
    {
        lock (_gate)
            Try(static file => file.Flush());
    }

    private void Write(Action<Utf8JsonWriter> write)
    {
        lock (_gate)
        {
            if (_file is null)
                return;
            _line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_line))
                write(json);
            _line.Write("\n"u8);
            Try(file => file.Write(_line.WrittenSpan));
        }
    }

    private void Try(Action<FileStream> write)
    {
        try
        {
            if (_file is not null)
                write(_file);
        }
        catch (IOException)
        {
            _file?.SafeFileHandle.Dispose();
            _file = null;
        }
    }
}

using System.Text;
using Gantry.Api.BuildKit.Wire;
using Gantry.Build;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vertex = Gantry.Api.BuildKit.Wire.Vertex;
using VertexLog = Gantry.Build.VertexLog;
using VertexStatus = Gantry.Build.VertexStatus;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>All that is known of how a build goes, for clients that may come late and read slowly.</summary>
/// <remarks>A vertex and a part of its work are kept once, as they were last: a client that is behind misses states in between, which
/// the next ones replace anyway. Output is kept whole up to a limit for each vertex.</remarks>
internal sealed class ProgressLog : IBuildProgress
{
    /// <summary>Of output of one vertex. Source: buildkit util/progress/logs: the default of BUILDKIT_STEP_LOG_MAX_SIZE.</summary>
    private const int MostLogBytes = 2 << 20;

    /// <summary>Of output in one message, so that it stays far below the largest.</summary>
    private const int MostMessageBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Change, Vertex Message)> _vertexes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), (long Change, Wire.VertexStatus Message)> _statuses = [];
    private readonly Dictionary<string, int> _logBytes = new(StringComparer.Ordinal);
    private readonly List<Wire.VertexLog> _logs = [];
    private readonly List<VertexWarning> _warnings = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _changes;
    private bool _ended;

    public void Report(VertexProgress vertex)
    {
        var message = new Vertex
        {
            Digest = vertex.Digest.ToString(),
            Name = vertex.Name,
            Cached = vertex.Cached,
            Started = TimeOf(vertex.Started),
            Completed = TimeOf(vertex.Completed),
            Error = vertex.Error ?? "",
        };
        message.Inputs.AddRange(vertex.Inputs.Select(static i => i.ToString()));
        lock (_lock)
        {
            _vertexes[message.Digest] = (++_changes, message);
            Tell();
        }
    }

    public void Report(VertexLog log)
    {
        var vertex = log.Vertex.ToString();
        lock (_lock)
        {
            var before = _logBytes.GetValueOrDefault(vertex);
            if (before > MostLogBytes || log.Data.IsEmpty)
                return;
            _logBytes[vertex] = before + log.Data.Length;
            var data = log.Data.Span;
            if (before + data.Length > MostLogBytes)
                data = Encoding.UTF8.GetBytes($"\n[output clipped, log limit {MostLogBytes >> 20}MiB reached]\n");
            _logs.Add(new Wire.VertexLog { Vertex = vertex, Stream = log.Stream, Msg = ByteString.CopyFrom(data), Timestamp = TimeOf(log.Time) });
            _changes++;
            Tell();
        }
    }

    public void Report(VertexStatus status)
    {
        var message = new Wire.VertexStatus
        {
            ID = status.Id,
            Vertex = status.Vertex.ToString(),
            Name = status.Id,
            Current = status.Current,
            Total = status.Total,
            Timestamp = TimeOf(status.Time),
            Started = TimeOf(status.Started),
            Completed = TimeOf(status.Completed),
        };
        lock (_lock)
        {
            _statuses[(message.Vertex, message.ID)] = (++_changes, message);
            Tell();
        }
    }

    public void Report(VertexWarnings warnings)
    {
        var source = new Wire.Pb.SourceInfo { Filename = warnings.Source.Filename, Data = ByteString.CopyFrom(warnings.Source.Data.Span), Language = warnings.Source.Language };
        lock (_lock)
        {
            foreach (var warning in warnings.Warnings)
                _warnings.Add(Describe(warning, warnings.Vertex.ToString(), source));
            _changes++;
            Tell();
        }
    }

    /// <summary>Adds what a client that is its own frontend warns of.</summary>
    public void Report(Wire.Frontend.WarnRequest warning)
    {
        var message = new VertexWarning { Vertex = warning.Digest, Level = warning.Level, Short = warning.Short, Url = warning.Url, Info = warning.Info };
        message.Detail.AddRange(warning.Detail);
        message.Ranges.AddRange(warning.Ranges);
        lock (_lock)
        {
            _warnings.Add(message);
            _changes++;
            Tell();
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            Tell();
        }
    }

    /// <summary>All that is known, then what changes, until the build has ended.</summary>
    public async IAsyncEnumerable<StatusResponse> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var place = new Place();
        while (true)
        {
            Task changed;
            bool ended;
            StatusResponse next;
            lock (_lock)
            {
                changed = _changed.Task;
                next = Next(place);
                ended = _ended && place.Logs == _logs.Count;
            }

            if (next.CalculateSize() > 0)
                yield return next;
            else if (!ended)
                await changed.WaitAsync(cancellationToken);
            if (ended)
                yield break;
        }
    }

    private static VertexWarning Describe(LintWarning warning, string vertex, Wire.Pb.SourceInfo source)
    {
        var message = new VertexWarning
        {
            Vertex = vertex,
            Level = 1,
            Short = ByteString.CopyFromUtf8($"{warning.Rule}: {warning.Message}{(warning.Lines is { } at ? $" (line {at.First})" : "")}"),
            Url = warning.Url,
            Info = source,
        };
        message.Detail.Add(ByteString.CopyFromUtf8(warning.Description));
        if (warning.Lines is { } lines)
        {
            // One range for each line, as BuildKit's parser has them.
            for (var line = lines.First; line <= lines.Last; line++)
                message.Ranges.Add(new Wire.Pb.Range { Start = new() { Line = line }, End = new() { Line = line } });
        }

        return message;
    }

    private static Timestamp? TimeOf(DateTimeOffset? time) => time is { } moment ? Timestamp.FromDateTimeOffset(moment) : null;

    private StatusResponse Next(Place place)
    {
        var response = new StatusResponse();
        response.Vertexes.AddRange(_vertexes.Values.Where(v => v.Change > place.Change).OrderBy(static v => v.Change).Select(static v => v.Message));
        response.Statuses.AddRange(_statuses.Values.Where(s => s.Change > place.Change).OrderBy(static s => s.Change).Select(static s => s.Message));
        for (var bytes = 0; place.Logs < _logs.Count && bytes < MostMessageBytes; place.Logs++)
        {
            bytes += _logs[place.Logs].Msg.Length;
            response.Logs.Add(_logs[place.Logs]);
        }

        response.Warnings.AddRange(_warnings.Skip(place.Warnings));
        place.Warnings = _warnings.Count;
        place.Change = _changes;
        return response;
    }

    private void Tell()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>How far a reader is.</summary>
    private sealed class Place
    {
        public long Change { get; set; }

        public int Logs { get; set; }

        public int Warnings { get; set; }
    }
}

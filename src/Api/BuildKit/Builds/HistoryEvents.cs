using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Gantry.Api.BuildKit.Wire;
using Gantry.Build;
using Gantry.Engine.History;
using Gantry.Model;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>The builds whose logs are kept, as BuildKit's clients are told of them.</summary>
/// <remarks>Source: buildkit solver/llbsolver/history.go. Records have no attachments: neither provenance nor traces are kept.</remarks>
internal static class HistoryEvents
{
    private static readonly string[] s_fields = ["ref", "status", "repository"];

    /// <summary>What is known now, the oldest first, and, unless the client wants no more, what becomes of it.</summary>
    /// <exception cref="GantryException">Invalid: a filter that cannot be read.</exception>
    public static async IAsyncEnumerable<BuildHistoryEvent> ReadAsync(BuildHistory history, BuildHistoryRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = FieldFilter.Parse(request.Filter, s_fields);
        var told = new Dictionary<string, BuildRecord>(StringComparer.Ordinal);
        while (true)
        {
            var changed = history.Changed;
            var records = history.List();
            var wanted = records.Where(record => request.Ref.Length == 0 || record.Reference == request.Ref).Where(record => filter.Matches(field => Find(record, field)));
            if (request.Limit > 0)
                wanted = wanted.Take(request.Limit);
            foreach (var record in wanted.Reverse().ToList())
            {
                if ((told.TryGetValue(record.Id, out var before) && before.Status == record.Status) || (before is null && request.ActiveOnly && record.Status != "running"))
                    continue;
                told[record.Id] = record;
                yield return new() { Type = record.Status == "running" ? BuildHistoryEventType.Started : BuildHistoryEventType.Complete, Record = Describe(record) };
            }

            if (request.EarlyExit)
                yield break;
            foreach (var gone in told.Values.ExceptBy(records.Select(static record => record.Id), static record => record.Id).ToList())
            {
                told.Remove(gone.Id);
                yield return new() { Type = BuildHistoryEventType.Deleted, Record = Describe(gone) };
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Forgets a build.</summary>
    /// <exception cref="GantryException">NotFound: none of this reference is kept. Conflict: it runs.</exception>
    public static void Remove(BuildHistory history, string reference) =>
        history.Remove((history.Find(reference) ?? throw GantryException.Of(ErrorKind.NotFound, $"no build with the reference {reference} is kept")).Id);

    /// <summary>The progress of a build that is over; null: none of this reference is kept.</summary>
    public static async Task<ProgressLog?> FindLogAsync(BuildHistory history, string reference, CancellationToken cancellationToken)
    {
        if (history.Find(reference) is not { } record || record.Status == "running")
            return null;
        var progress = new ProgressLog();
        using var lines = new StreamReader(history.OpenLog(record.Id));
        try
        {
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
                BuildEventReader.Tell(System.Text.Encoding.UTF8.GetBytes(line), progress);
        }
        catch (JsonException)
        {
            // Cut off when the machine lost power: what was told before is told.
        }

        progress.End();
        return progress;
    }

    private static BuildHistoryRecord Describe(BuildRecord record)
    {
        var described = new BuildHistoryRecord
        {
            Ref = record.Reference,
            Frontend = "dockerfile.v0",
            CreatedAt = Timestamp.FromDateTimeOffset(record.Started),
            // A build that the engine died with ended somewhen: a client would show it running.
            CompletedAt = record.Ended is { } ended ? Timestamp.FromDateTimeOffset(ended) : record.Status == "running" ? null : Timestamp.FromDateTimeOffset(record.Started),
            NumTotalSteps = record.Steps,
            NumCompletedSteps = record.CompletedSteps,
            NumCachedSteps = record.CachedSteps,
            NumWarnings = record.Warnings,
        };
        described.FrontendAttrs["filename"] = record.Dockerfile;
        if (record.Target.Length > 0)
            described.FrontendAttrs["target"] = record.Target;
        if (record.Context is not ("" or "context"))
            described.FrontendAttrs["context"] = record.Context;
        if (record.Names.Count > 0)
            described.ExporterResponse["image.name"] = string.Join(',', record.Names);
        if (record.Failure.Length > 0)
            described.Error = new Wire.Rpc.Status { Code = (int)(record.Status == "canceled" ? StatusCode.Cancelled : StatusCode.Unknown), Message = record.Failure };
        return described;
    }

    private static string? Find(BuildRecord record, string field) => field switch
    {
        "ref" => record.Reference,
        "status" => record.Status switch { "built" => "completed", "broken off" or "failed" => "error", var other => other.ToLower(CultureInfo.InvariantCulture) },
        _ => null,
    };
}

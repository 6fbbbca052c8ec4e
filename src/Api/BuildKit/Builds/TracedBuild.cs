using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text.Json;
using Gantry.Api.BuildKit.Session;
using Gantry.Api.BuildKit.Wire;
using Gantry.Api.Builds;
using Gantry.Build;
using Gantry.Engine.Uploads;
using Gantry.Model;
using Google.Protobuf;

namespace Gantry.Api.BuildKit.Builds;

/// <summary><c>POST /build?version=2</c>: a build with a session, whose progress comes in the answer. So Docker's command line asked
/// for builds before it had buildx.</summary>
/// <remarks>
/// Source: moby daemon/internal/builder-next/builder.go. The answer is lines of JSON: <c>{"id":"moby.buildkit.trace","aux":"…"}</c>
/// with a StatusResponse in base 64, at last <c>{"id":"moby.image.id","aux":{"ID":"sha256:…"}}</c> or an error.
/// </remarks>
internal sealed class TracedBuild(BuildKitFacts facts, ClientSessions sessions)
{
    private const string UploadRequest = "upload-request";

    /// <summary>A client sends the context while it asks for the build. Source: as above.</summary>
    private static readonly TimeSpan s_comesWithin = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);

    public async Task RunAsync(Exchange exchange, BuildUploads uploads)
    {
        var query = exchange.Query;
        var id = query.Text("buildid");
        if (id.StartsWith(UploadRequest + ":", StringComparison.Ordinal))
        {
            await OfferAsync(exchange, id[(UploadRequest.Length + 1)..]);
            return;
        }

        var remote = query.Text("remote");
        var spec = BuildQuery.ReadShared(query) with { Reference = Guid.NewGuid().ToString("n"), Outputs = OutputsOf(query) };
        spec = spec with { Context = remote is "" or "client-session" or UploadRequest ? BuildUpload.Context : remote };
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(exchange.Requested);
        using var known = RunningBuilds.Add(exchange.Facts, id, canceled);
        var session = query.Text("session") is { Length: > 0 } named ? await sessions.GetAsync(named, canceled.Token) : null;
        if (session is null && remote == "client-session")
            throw GantryException.Of(ErrorKind.Invalid, "a context in the client's session needs the session: send its identifier as \"session\"");
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(canceled.Token, session?.Gone ?? CancellationToken.None);
        Upload? offered = remote == UploadRequest ? await WaitAsync(id, gone.Token) : null;
        try
        {
            var body = remote.Length == 0 ? exchange.Http.Request.Body : offered is null ? null : await offered.Offered.Task;
            using var upload = await uploads.ReceiveAsync(body, gone.Token);
            var sent = new UploadSession(upload, RegistryConfig.Read(exchange.Http.Request.Headers));
            using var lent = session is null ? null : new BuildDirectories(session, new FrontendOptions { Spec = spec });
            IBuildSession client = lent is null ? sent : body is null ? lent : new SplitSession(sent, lent);
            await AnswerAsync(exchange, log => facts.Builder.BuildAsync(spec, client, log, gone.Token));
        }
        finally
        {
            offered?.Taken.TrySetResult();
        }
    }

    private static IReadOnlyList<BuildOutput> OutputsOf(Routing.Query query)
    {
        var outputs = JsonParameter.Outputs(query.Text("outputs"));
        if (outputs.Count > 1)
            throw GantryException.Of(ErrorKind.Invalid, "multiple outputs not supported"); // Source: moby
        if (outputs is [("cacheonly", _)])
            return [];
        var exporter = new Exporter { Type = outputs is [var (type, _)] && type.Length > 0 ? type : "moby" };
        if (outputs is [var (_, attributes)])
            exporter.Attrs.Add(attributes);
        if (exporter.Type is "moby" or "image" or "docker" or "oci" && BuildQuery.Names(query) is { Count: > 0 } names)
            exporter.Attrs["name"] = string.Join(',', names);
        return Exports.Read(new SolveRequest { Exporters = { exporter } });
    }

    private static async Task AnswerAsync(Exchange exchange, Func<ProgressLog, Task<BuildOutcome>> build)
    {
        var log = new ProgressLog();
        var work = Task.Run(async () =>
        {
            try
            {
                return await build(log);
            }
            finally
            {
                log.End();
            }
        });
        var output = exchange.Http.Response.BodyWriter;
        var quiet = exchange.Query.Flag("q");
        var begun = false;
        try
        {
            await foreach (var status in log.ReadAsync(exchange.Requested))
            {
                if (quiet)
                    continue;
                if (!begun)
                    await exchange.BeginAsync("application/json");
                begun = true;
                Write(output, json =>
                {
                    json.WriteString("id", "moby.buildkit.trace");
                    json.WriteBase64String("aux", status.ToByteArray());
                });
                await output.FlushAsync(exchange.Requested);
            }
        }
        finally
        {
            await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A failure before anything was told becomes an ordinary answer.
        if (!work.IsCompletedSuccessfully && !begun)
            await work;
        if (!begun)
            await exchange.BeginAsync("application/json");
        if (!work.IsCompletedSuccessfully)
            ClassicRendering.WriteFailure(output, work.Exception?.InnerException ?? new OperationCanceledException());
        else if ((await work).Image is { } image)
        {
            if (quiet)
                ClassicRendering.Stream(output, image + "\n");
            Write(output, json =>
            {
                json.WriteString("id", "moby.image.id");
                json.WriteStartObject("aux");
                json.WriteString("ID", image.ToString());
                json.WriteEndObject();
            });
        }

        await output.FlushAsync(exchange.Requested);
    }

    private static void Write(PipeWriter output, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        var end = output.GetSpan(2);
        "\r\n"u8.CopyTo(end);
        output.Advance(2);
    }

    private async Task OfferAsync(Exchange exchange, string id)
    {
        var upload = _uploads.GetOrAdd(id, static _ => new Upload());
        if (!upload.Offered.TrySetResult(exchange.Http.Request.Body))
            throw GantryException.Of(ErrorKind.Conflict, $"the build {id} has its context already");
        try
        {
            await upload.Wanted.Task.WaitAsync(s_comesWithin, facts.Time, exchange.Requested);
            // The body is this request's: it ends when the build has read it.
            await upload.Taken.Task.WaitAsync(exchange.Requested);
        }
        catch (TimeoutException e)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"no build {id} wants a context", cause: e);
        }
        finally
        {
            _uploads.TryRemove(new(id, upload));
        }

        await exchange.Answer(200);
    }

    private async Task<Upload> WaitAsync(string id, CancellationToken cancellationToken)
    {
        if (id.Length == 0)
            throw GantryException.Of(ErrorKind.Invalid, "a context that is sent apart needs a buildid, by which it is found");
        var upload = _uploads.GetOrAdd(id, static _ => new Upload());
        upload.Wanted.TrySetResult();
        try
        {
            await upload.Offered.Task.WaitAsync(s_comesWithin, facts.Time, cancellationToken);
            return upload;
        }
        catch (TimeoutException e)
        {
            _uploads.TryRemove(new(id, upload));
            throw GantryException.Of(ErrorKind.Invalid, $"the context of the build {id} did not come", cause: e);
        }
    }

    /// <summary>A context on its way from one request to another.</summary>
    private sealed class Upload
    {
        public TaskCompletionSource<Stream> Offered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Wanted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

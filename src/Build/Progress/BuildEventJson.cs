using System.Globalization;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>
/// What happens in a build, as one JSON object each: the lines of the logs that the engine keeps, and of the progress that
/// Gantry's own command line is sent. Exactly one member says what the object is.
/// </summary>
/// <remarks>
/// <c>{"vertex":{digest,name,inputs,started,completed,cached,why,error}}</c>, <c>{"log":{vertex,stream,time,data}}</c> with the
/// bytes in base 64, <c>{"status":{vertex,id,current,total,time,started,completed}}</c>,
/// <c>{"warnings":{vertex,found:[{rule,message,description,url,firstLine,lastLine}]}}</c>, <c>{"result":{image,manifest,names,metadata}}</c>,
/// <c>{"answer":{json,text,version,statusCode}}</c>, <c>{"failure":{message,kind,exitCode,firstLine,lastLine}}</c>.
/// </remarks>
public static class BuildEventJson
{
    /// <summary>Writes a vertex's state.</summary>
    public static void Write(Utf8JsonWriter json, VertexProgress vertex)
    {
        json.WriteStartObject();
        json.WriteStartObject("vertex");
        json.WriteString("digest", vertex.Digest.ToString());
        json.WriteString("name", vertex.Name);
        json.WriteStartArray("inputs");
        foreach (var input in vertex.Inputs)
            json.WriteStringValue(input.ToString());
        json.WriteEndArray();
        WriteTime(json, "started", vertex.Started);
        WriteTime(json, "completed", vertex.Completed);
        if (vertex.Cached)
            json.WriteBoolean("cached", true);
        if (vertex.Why.Count > 0)
        {
            json.WriteStartArray("why");
            foreach (var reason in vertex.Why)
                json.WriteStringValue(reason);
            json.WriteEndArray();
        }

        if (vertex.Error is not null)
            json.WriteString("error", vertex.Error);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes a piece of a step's output.</summary>
    public static void Write(Utf8JsonWriter json, VertexLog log)
    {
        json.WriteStartObject();
        json.WriteStartObject("log");
        json.WriteString("vertex", log.Vertex.ToString());
        json.WriteNumber("stream", log.Stream);
        WriteTime(json, "time", log.Time);
        json.WriteBase64String("data", log.Data.Span);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes how far a part of a vertex's work is.</summary>
    public static void Write(Utf8JsonWriter json, VertexStatus status)
    {
        json.WriteStartObject();
        json.WriteStartObject("status");
        json.WriteString("vertex", status.Vertex.ToString());
        json.WriteString("id", status.Id);
        json.WriteNumber("current", status.Current);
        json.WriteNumber("total", status.Total);
        WriteTime(json, "time", status.Time);
        WriteTime(json, "started", status.Started);
        WriteTime(json, "completed", status.Completed);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes what linting found.</summary>
    public static void Write(Utf8JsonWriter json, VertexWarnings warnings)
    {
        json.WriteStartObject();
        json.WriteStartObject("warnings");
        json.WriteString("vertex", warnings.Vertex.ToString());
        json.WriteStartArray("found");
        foreach (var warning in warnings.Warnings)
            WriteWarning(json, warning);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes what was built.</summary>
    public static void Write(Utf8JsonWriter json, BuildOutcome outcome)
    {
        json.WriteStartObject();
        json.WriteStartObject("result");
        if (outcome.Image is { } image)
            json.WriteString("image", image.ToString());
        if (outcome.Manifest is { } manifest)
            json.WriteString("manifest", manifest.ToString());
        json.WriteStartArray("names");
        foreach (var name in outcome.Names)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteStartObject("metadata");
        foreach (var (key, value) in outcome.Metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes the answer to a question that was asked instead of a build.</summary>
    public static void Write(Utf8JsonWriter json, SubrequestReply reply)
    {
        json.WriteStartObject();
        json.WriteStartObject("answer");
        json.WriteString("json", reply.Json);
        json.WriteString("text", reply.Text);
        json.WriteString("version", reply.Version);
        if (reply.StatusCode is { } status)
            json.WriteNumber("statusCode", status);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes why there is no result.</summary>
    public static void Write(Utf8JsonWriter json, Exception failure)
    {
        json.WriteStartObject();
        json.WriteStartObject("failure");
        json.WriteString("message", failure is OperationCanceledException ? "the build was canceled" : failure.Message);
        if (failure is GantryException known)
            json.WriteString("kind", known.Kind.ToString());
        if (FailureCauses.Find<StepExitException>(failure) is { } exit)
        {
            json.WriteString("command", string.Join(' ', exit.Arguments));
            json.WriteNumber("exitCode", exit.ExitCode);
        }

        if (FailureCauses.Find<DockerfileException>(failure) is { } place)
        {
            json.WriteNumber("firstLine", place.Lines.First);
            json.WriteNumber("lastLine", place.Lines.Last);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteWarning(Utf8JsonWriter json, LintWarning warning)
    {
        json.WriteStartObject();
        json.WriteString("rule", warning.Rule);
        json.WriteString("message", warning.Message);
        json.WriteString("description", warning.Description);
        json.WriteString("url", warning.Url);
        if (warning.Lines is { } lines)
        {
            json.WriteNumber("firstLine", lines.First);
            json.WriteNumber("lastLine", lines.Last);
        }

        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
    }
}

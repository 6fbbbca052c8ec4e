using System.Buffers;
using System.Text.Json;
using Gantry.Build;
using Gantry.Model;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Errors as gRPC carries them, with the lines of the Dockerfile that clients print.</summary>
/// <remarks>Source: buildkit util/grpcerrors and solver/errdefs: details are messages of the type that the address names, in JSON.
/// Clients print an error's status unless it is Unknown, which is therefore what a failed build has.</remarks>
internal static class BuildErrors
{
    private const string DetailsTrailer = "grpc-status-details-bin";
    private const string SourceType = "github.com/moby/buildkit/errdefs.Source+json";

    /// <summary>Of a call that is no build.</summary>
    public static RpcException Of(GantryException e) => new(new Status(CodeOf(e.Kind), e.Message));

    /// <summary>Of something that this engine does not do.</summary>
    public static RpcException Unimplemented(string sentence) => new(new Status(StatusCode.Unimplemented, sentence));

    /// <summary>Of a build.</summary>
    /// <param name="fileName">The Dockerfile's name.</param>
    /// <param name="text">The Dockerfile; empty: it was never seen.</param>
    public static RpcException OfBuild(GantryException e, string fileName, ByteString text)
    {
        var status = new Wire.Rpc.Status { Code = (int)StatusCode.Unknown, Message = e.Message };
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is not DockerfileException place || text.IsEmpty)
                continue;
            status.Details.Add(new Any { TypeUrl = SourceType, Value = Source(fileName, text, place.Lines) });
            break;
        }

        return Of(status);
    }

    /// <summary>Of a status that a client sent, which goes back to it as it is.</summary>
    public static RpcException Of(Wire.Rpc.Status status)
    {
        var code = status.Code is > 0 and <= 16 ? (StatusCode)status.Code : StatusCode.Unknown;
        var trailers = new Metadata();
        if (status.Details.Count > 0)
            trailers.Add(DetailsTrailer, status.ToByteArray());
        return new RpcException(new Status(code, status.Message), trailers);
    }

    private static StatusCode CodeOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => StatusCode.InvalidArgument,
        ErrorKind.NotFound => StatusCode.NotFound,
        ErrorKind.AlreadyExists or ErrorKind.Conflict => StatusCode.AlreadyExists,
        ErrorKind.Unauthenticated => StatusCode.Unauthenticated,
        ErrorKind.Forbidden => StatusCode.PermissionDenied,
        ErrorKind.Exhausted => StatusCode.ResourceExhausted,
        ErrorKind.Unavailable => StatusCode.Unavailable,
        ErrorKind.TimedOut => StatusCode.DeadlineExceeded,
        ErrorKind.NotSupported => StatusCode.Unimplemented,
        _ => StatusCode.Unknown,
    };

    private static ByteString Source(string fileName, ByteString text, SourceLines lines)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("info");
            writer.WriteString("filename", fileName);
            writer.WriteBase64String("data", text.Span);
            writer.WriteEndObject();
            writer.WriteStartArray("ranges");
            writer.WriteStartObject();
            WriteLine(writer, "start", lines.First);
            WriteLine(writer, "end", lines.Last);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return ByteString.CopyFrom(json.WrittenSpan);
    }

    private static void WriteLine(Utf8JsonWriter writer, string name, int line)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("line", line);
        writer.WriteEndObject();
    }
}

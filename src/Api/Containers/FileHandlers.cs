using System.Buffers;
using System.Text.Json;
using Gantry.Engine.Copy;
using Gantry.Model;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Containers;

/// <summary>The files of containers.</summary>
internal static class FileHandlers
{
    private const string StatusHeader = "X-Docker-Container-Path-Stat";

    public static async Task StatusAsync(Exchange exchange)
    {
        var status = await exchange.Engine.Files.StatusAsync(exchange["id"], PathOf(exchange), exchange.Requested);
        exchange.Http.Response.Headers[StatusHeader] = Encode(status);
        await exchange.Answer(StatusCodes.Status200OK);
    }

    public static async Task CopyOutAsync(Exchange exchange)
    {
        using var archive = await exchange.Engine.Files.OpenAsync(exchange["id"], PathOf(exchange), exchange.Requested);
        exchange.Http.Response.Headers[StatusHeader] = Encode(archive.Status);
        await exchange.BeginAsync("application/x-tar");
        await archive.WriteAsync(exchange.Http.Response.Body, exchange.Requested);
    }

    public static async Task CopyInAsync(Exchange exchange)
    {
        var spec = new ExtractSpec
        {
            Path = PathOf(exchange),
            NoOverwriteDirNonDir = exchange.Query.Flag("noOverwriteDirNonDir"),
            CopyUidGid = exchange.Query.Flag("copyUIDGID"),
        };
        await exchange.Engine.Files.ExtractAsync(exchange["id"], spec, exchange.Http.Request.Body, exchange.Requested);
        await exchange.Answer(StatusCodes.Status200OK);
    }

    public static async Task ExportAsync(Exchange exchange)
    {
        using var archive = await exchange.Engine.Files.ExportAsync(exchange["id"], exchange.Requested);
        await exchange.BeginAsync("application/octet-stream");
        await archive.WriteAsync(exchange.Http.Response.Body, exchange.Requested);
    }

    public static async Task ChangesAsync(Exchange exchange) =>
        await exchange.WriteJsonAsync(await exchange.Engine.Files.ChangesAsync(exchange["id"], exchange.Requested));

    /// <summary>The header's value: JSON in base 64.</summary>
    internal static string Encode(PathStatus status)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", status.Name);
            json.WriteNumber("size", status.Size);
            json.WriteNumber("mode", status.Mode);
            json.WriteString("mtime", status.Modified);
            json.WriteString("linkTarget", status.LinkTarget);
            json.WriteEndObject();
        }
        return Convert.ToBase64String(buffer.WrittenSpan);
    }

    // Source: moby daemon/server/httputils/form.go, ArchiveFormValues.
    private static string PathOf(Exchange exchange) =>
        exchange.Query.TextOrNull("path") ?? throw GantryException.Of(ErrorKind.Invalid, "bad parameter: path cannot be empty");
}

using Gantry.Api.BuildKit;
using Gantry.Build;
using Gantry.Engine.Uploads;
using Gantry.Model;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Builds;

/// <summary>Builds of clients that send everything in one request: Docker's classic builder, and Gantry's own command line.</summary>
internal static class BuildHandlers
{
    /// <summary>Builds with a given builder.</summary>
    internal static Task BuildAsync(Exchange exchange, IBuilder builder, BuildUploads uploads) => exchange.Query.Text("version") switch
    {
        "" or "1" => ClassicAsync(exchange, builder, uploads),
        "2" => BuildKitDoor.BuildAsync(exchange, uploads),
        OwnBuild.Version => OwnBuild.RunAsync(exchange, builder, uploads),
        var other => throw GantryException.Of(ErrorKind.Invalid, $"invalid version {other}"), // Source: moby
    };

    /// <summary>Cancels the build that was begun with this <c>buildid</c>.</summary>
    public static async Task CancelAsync(Exchange exchange)
    {
        var id = exchange.Query.TextOrNull("id") ?? throw GantryException.Of(ErrorKind.Invalid, "build ID not provided"); // Source: moby
        await RunningBuilds.CancelAsync(exchange.Facts, id);
        await exchange.Answer(StatusCodes.Status204NoContent);
    }

    private static async Task ClassicAsync(Exchange exchange, IBuilder builder, BuildUploads uploads)
    {
        var spec = BuildQuery.Read(exchange.Query);
        var logins = RegistryConfig.Read(exchange.Http.Request.Headers);
        IBuildRendering rendering = exchange.Query.Flag("q") ? new QuietRendering() : new ClassicRendering();
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(exchange.Requested);
        using var known = RunningBuilds.Add(exchange.Facts, exchange.Query.Text("buildid"), canceled);
        // A context that lies elsewhere is fetched by the builder; what a client sends all the same is nothing.
        var isRemote = spec.Context != BuildUpload.Context;
        using var upload = await uploads.ReceiveAsync(isRemote ? null : exchange.Http.Request.Body, canceled.Token);
        await using var stream = new BuildStream(exchange, rendering, canceled.Token);
        await stream.RunAsync(cancellationToken => builder.BuildAsync(spec, new UploadSession(upload, logins), stream, cancellationToken));
    }
}

using System.Text.Json;
using Gantry.Api.Routing;
using Gantry.Api.Server;
using Gantry.Api.Versions;
using Gantry.Model;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gantry.Api;

/// <summary>Answers every request: finds its route, runs the handler, turns what it throws into an answer. The end of every chain of errors.</summary>
internal sealed class Dispatcher(RouteTable routes, ServerFacts facts)
{
    /// <summary>The headers of every answer.</summary>
    /// <remarks>Source: moby daemon/server/middleware/version.go.</remarks>
    public static void WriteHeaders(ServerFacts facts, Action<string, string> write)
    {
        write("Api-Version", ApiVersion.Newest.ToString());
        write("Docker-Experimental", "false");
        write("Ostype", "linux");
        write("Server", $"Gantry/{facts.ProductVersion} (linux)");
    }

    public async Task HandleAsync(HttpContext http)
    {
        var started = facts.Time.GetTimestamp();
        WriteHeaders(facts, (name, value) => http.Response.Headers[name] = value);
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
#pragma warning disable CA1031 // the end of the chain: whatever a handler throws becomes an answer, the engine never dies from a request
        try
        {
            await RouteAsync(http, target);
            ApiLog.Answered(facts.Log, http.Request.Method, target, http.Response.StatusCode, facts.Time.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception exception)
        {
            await FailAsync(http, target, exception);
        }
        facts.Answered?.Invoke();
#pragma warning restore CA1031
    }

    private static Task WriteErrorAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        if (status == StatusCodes.Status304NotModified)
            return Task.CompletedTask;
        byte[] json = [.. ApiJson.Write(new ErrorResponse { Message = message }), (byte)'\n'];
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(json).AsTask();
    }

    private static (int Status, string Message) Describe(Exception exception) => exception switch
    {
        GantryException known => (ErrorStatus.Of(known.Kind), known.Message),
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        JsonException json => (StatusCodes.Status400BadRequest, JsonFault.Explain(json).Message),
        _ => (StatusCodes.Status500InternalServerError, exception.Message),
    };

    private Task RouteAsync(HttpContext http, string target)
    {
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            http.Response.ContentLength = 0;
            return Task.CompletedTask;
        }
        var path = RouteTable.Split(target, out var version);
        if (version > ApiVersion.Newest)
            return WriteErrorAsync(http, StatusCodes.Status400BadRequest, $"client version {version} is too new. Maximum supported API version is {ApiVersion.Newest}");
        if (version < ApiVersion.Oldest)
        {
            // As plain text: clients of that age know no other errors. Source: moby daemon/server/server.go makeHTTPHandler.
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            http.Response.ContentType = "text/plain; charset=utf-8";
            return http.Response.WriteAsync($"client version {version} is too old. Minimum supported API version is {ApiVersion.Oldest}, please upgrade your client to a newer version\n");
        }
        var route = routes.Find(http.Request.Method, path, out var values);
        return route is null
            ? WriteErrorAsync(http, StatusCodes.Status404NotFound, "page not found") // Source: moby daemon/server/server.go; never 405
            : HandleAsync(route, new Exchange(http, facts, version ?? ApiVersion.Newest, values));
    }

    private async Task HandleAsync(Route route, Exchange exchange)
    {
        await route.Handler(exchange);
        if (facts.Log.IsEnabled(LogLevel.Debug))
            ApiLog.Done(facts.Log, route.Method, route.Pattern, exchange.Http.Request.Headers.UserAgent is [{ Length: > 0 } agent, ..] ? agent : "nobody");
    }

    private async Task FailAsync(HttpContext http, string target, Exception exception)
    {
        var method = http.Request.Method;
        if (http.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException or ConnectionAbortedException or ConnectionResetException)
            return; // the client went away: there is nobody to answer
        if (http.Response.HasStarted)
        {
            ApiLog.Broken(facts.Log, exception, method, target);
            http.Abort();
            return;
        }
        var (status, message) = Describe(exception);
        if (status >= StatusCodes.Status500InternalServerError && status != StatusCodes.Status501NotImplemented)
            ApiLog.Failed(facts.Log, exception, method, target, status);
        else if (facts.Log.IsEnabled(LogLevel.Debug))
            ApiLog.Refused(facts.Log, method, target, status, message);
        await WriteErrorAsync(http, status, message);
    }
}

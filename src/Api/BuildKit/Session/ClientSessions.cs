using System.Collections.Concurrent;
using Gantry.Api.BuildKit.Transport;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Session;

/// <summary>The sessions that are open, by their identifiers.</summary>
internal sealed class ClientSessions(TimeProvider time)
{
    /// <summary>A client opens its session and asks for the build at the same moment. Source: buildkit session/manager.go, Get.</summary>
    private static readonly TimeSpan s_comesWithin = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<ClientSession>> _sessions = new(StringComparer.Ordinal);

    /// <summary>Makes a session of a request's connection; ends when either side ended it.</summary>
    public async Task ServeAsync(Exchange exchange)
    {
        var headers = SessionHeaders.Read(exchange.Http.Request.Headers);
        if (_sessions.TryGetValue(headers.Id, out var other) && other.Task.IsCompletedSuccessfully)
            throw GantryException.Of(ErrorKind.Conflict, $"there is a session \"{headers.Id}\" already");
        var pipe = await Upgrade.ToHttp2Async(exchange);
        try
        {
            using var session = new ClientSession(headers, pipe, time);
            var place = _sessions.GetOrAdd(headers.Id, static _ => NewPlace());
            if (!place.TrySetResult(session))
            {
                // Somebody who waited has just given up; or another session with the same name came first.
                place = NewPlace();
                place.SetResult(session);
                if (!_sessions.TryAdd(headers.Id, place))
                    return;
            }

            try
            {
                await session.RunAsync(exchange.Requested);
            }
            finally
            {
                _sessions.TryRemove(new(headers.Id, place));
            }
        }
        finally
        {
            await pipe.Output.CompleteAsync();
            await pipe.Input.CompleteAsync();
        }
    }

    /// <summary>A session that is open, or is opened within a few seconds.</summary>
    /// <exception cref="GantryException">NotFound: it is not.</exception>
    public async Task<ClientSession> GetAsync(string id, CancellationToken cancellationToken)
    {
        var place = _sessions.GetOrAdd(id, static _ => NewPlace());
        try
        {
            return await place.Task.WaitAsync(s_comesWithin, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (place.TrySetCanceled(CancellationToken.None))
                _sessions.TryRemove(new(id, place));
            cancellationToken.ThrowIfCancellationRequested();
            throw GantryException.Of(ErrorKind.NotFound, $"no active session for {id}: the client did not open it with POST /session");
        }
    }

    private static TaskCompletionSource<ClientSession> NewPlace() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

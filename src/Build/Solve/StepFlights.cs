using Gantry.Model;

namespace Gantry.Build;

/// <summary>Steps under way, by key: who wants one that runs already waits for it. It is stopped when nobody waits any more.</summary>
internal sealed class StepFlights
{
    private readonly Dictionary<Digest, StepFlight> _flights = [];
    private readonly Lock _lock = new();

    /// <param name="run">Starts the step; runs at most once at a time for a key.</param>
    public async Task<StepResult> RunAsync(Digest key, Vertex vertex, IBuildProgress progress, Func<IBuildProgress, CancellationToken, Task<StepResult>> run, CancellationToken cancellationToken)
    {
        StepFlight flight;
        var starts = false;
        lock (_lock)
        {
            if (!_flights.TryGetValue(key, out flight!))
            {
                flight = _flights[key] = new();
                starts = true;
            }

            flight.Join(progress, vertex.Digest);
        }

        if (starts)
            flight.Start(run, () => Forget(key, flight));
        try
        {
            return await flight.Result.WaitAsync(cancellationToken);
        }
        finally
        {
            bool isLast;
            lock (_lock)
            {
                isLast = flight.Leave(progress, vertex.Digest);
                // Who comes now must not join one that is being stopped.
                if (isLast)
                    Forget(key, flight);
            }

            if (isLast)
            {
                await flight.StopAsync();
                flight.Dispose();
            }
        }
    }

    private void Forget(Digest key, StepFlight flight)
    {
        lock (_lock)
        {
            if (_flights.TryGetValue(key, out var current) && current == flight)
                _flights.Remove(key);
        }
    }
}

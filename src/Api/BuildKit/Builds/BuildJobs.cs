using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Builds under way by their references, and the last ones that ended, whose progress may still be asked for.</summary>
internal sealed class BuildJobs(TimeProvider time)
{
    /// <summary>A client asks for a build's progress while it asks for the build: whichever comes first waits for the other.</summary>
    private static readonly TimeSpan s_comesWithin = TimeSpan.FromSeconds(6);

    /// <summary>Ended builds that are kept.</summary>
    private const int MostEnded = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaskCompletionSource<BuildJob>> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BuildJob> _begun = new(StringComparer.Ordinal);
    private readonly Queue<string> _ended = new();

    /// <summary>Begins a build.</summary>
    /// <exception cref="GantryException">Conflict: one with this reference is there already. Invalid: no reference.</exception>
    public BuildJob Begin(Wire.SolveRequest request)
    {
        if (request.Ref.Length is 0 or > 200)
            throw GantryException.Of(ErrorKind.Invalid, "a build needs a reference of at most 200 characters");
        var job = new BuildJob(request);
        lock (_lock)
        {
            if (!Place(request.Ref).TrySetResult(job))
                throw GantryException.Of(ErrorKind.Conflict, $"job ID {request.Ref} exists");
            _begun[request.Ref] = job;
        }

        return job;
    }

    /// <summary>A build has ended: what is under way for it is stopped.</summary>
    public async Task EndAsync(BuildJob job)
    {
        await job.DisposeAsync();
        lock (_lock)
        {
            _ended.Enqueue(job.Request.Ref);
            if (_ended.Count <= MostEnded)
                return;
            var oldest = _ended.Dequeue();
            _jobs.Remove(oldest);
            _begun.Remove(oldest);
        }
    }

    /// <summary>Whether a build is there.</summary>
    public bool Has(string reference)
    {
        lock (_lock)
            return _begun.ContainsKey(reference);
    }

    /// <summary>A build that is there, or comes within seconds.</summary>
    /// <exception cref="GantryException">NotFound: it did not.</exception>
    public async Task<BuildJob> GetAsync(string reference, CancellationToken cancellationToken)
    {
        Task<BuildJob> job;
        lock (_lock)
            job = Place(reference).Task;
        try
        {
            return await job.WaitAsync(s_comesWithin, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                if (!job.IsCompleted)
                    _jobs.Remove(reference);
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw GantryException.Of(ErrorKind.NotFound, $"no such job {reference}");
        }
    }

    /// <summary>Runs the steps for a result of any build that is there, unless that is done.</summary>
    /// <exception cref="GantryException">NotFound: there is none of this name, or its build has ended long ago.</exception>
    public Task<IBuildResult> SolveAsync(string name, CancellationToken cancellationToken)
    {
        var end = name.LastIndexOf('-');
        lock (_lock)
        {
            return end > 0 && _begun.TryGetValue(name[..end], out var job) ? job.SolveAsync(name, cancellationToken) : throw BuildJob.NoSuchResult(name);
        }
    }

    private TaskCompletionSource<BuildJob> Place(string reference)
    {
        if (!_jobs.TryGetValue(reference, out var place))
            _jobs[reference] = place = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return place;
    }
}

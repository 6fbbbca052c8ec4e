using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>A result that a client has a name for: its steps are run at most once, when somebody wants what they make, and it goes
/// somewhere when the client hands it back.</summary>
/// <param name="build">Builds, with what is to be changed of the build's specification.</param>
/// <param name="ended">Ends with the job: then nothing more is done.</param>
internal sealed class JobResult(string name, Func<Func<BuildSpec, BuildSpec>, CancellationToken, Task<BuildOutcome>> build, CancellationToken ended)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<IReadOnlyList<IBuildResult>> _solved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IReadOnlyList<BuildOutput>> _outputs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<BuildOutcome>? _run;

    public string Name => name;

    /// <summary>Runs the steps, unless that is done; what they made is good until the job ends.</summary>
    /// <returns>A result for each platform.</returns>
    public async Task<IReadOnlyList<IBuildResult>> SolveAsync(CancellationToken cancellationToken)
    {
        var run = Start([]);
        await Task.WhenAny(run, _solved.Task).WaitAsync(cancellationToken);
        if (!_solved.Task.IsCompletedSuccessfully)
        {
            await run;
            throw GantryException.Of(ErrorKind.NotSupported, "this builder makes images, but tells no results");
        }

        return await _solved.Task;
    }

    /// <inheritdoc cref="SolveAsync(CancellationToken)"/>
    /// <param name="platform">Of which platform the result is wanted, counted from 0.</param>
    /// <exception cref="GantryException">NotFound: it is not made for so many.</exception>
    public async Task<IBuildResult> SolveAsync(int platform, CancellationToken cancellationToken)
    {
        var results = await SolveAsync(cancellationToken);
        return platform < results.Count ? results[platform] : throw BuildJob.NoSuchResult(new ResultName(name, platform).ToString());
    }

    /// <summary>Runs the steps, unless that is done, and puts the result where it is wanted.</summary>
    public Task<BuildOutcome> ExportAsync(IReadOnlyList<BuildOutput> outputs)
    {
        _outputs.TrySetResult(outputs);
        return Start(outputs);
    }

    /// <summary>Waits until nothing is under way; the job has ended.</summary>
    public async Task EndAsync()
    {
        Task? run;
        lock (_lock)
            run = _run;
        if (run is not null)
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_solved.Task.IsCompletedSuccessfully)
            return;
        foreach (var result in await _solved.Task)
            result.Dispose();
    }

    private Task<BuildOutcome> Start(IReadOnlyList<BuildOutput> outputs)
    {
        lock (_lock)
            return _run ??= Task.Run(() => build(spec => spec with { Outputs = outputs, Solved = TakeAsync }, ended), CancellationToken.None);
    }

    private async Task<IReadOnlyList<BuildOutput>> TakeAsync(IReadOnlyList<IBuildResult> results, CancellationToken cancellationToken)
    {
        _solved.TrySetResult([.. results.Select(static result => result.Share())]);
        return await _outputs.Task.WaitAsync(cancellationToken);
    }
}

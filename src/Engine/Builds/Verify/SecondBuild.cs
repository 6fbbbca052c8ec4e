using System.Collections.Concurrent;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Builds once more without any cache, and compares (<c>--verify</c>).</summary>
internal sealed class SecondBuild(ContentStore content, BuildCache cache, Solver solver, StackTimes times)
{
    private const int MostShown = 10;

    /// <summary>Compares a result with what building it again makes.</summary>
    /// <param name="first">What the build made.</param>
    /// <param name="baseLayers">How many of its layers are the base image's.</param>
    /// <param name="epoch">The time that the image's files get; null: times do not count.</param>
    /// <exception cref="GantryException">Conflict: a step made other files.</exception>
    public async Task CheckAsync(Vertex target, IStepRunner runner, IBuildProgress progress, BuildTree first, int baseLayers, DateTimeOffset? epoch, Lease lease, CancellationToken cancellationToken)
    {
        var forgetful = new ForgetfulCache();
        try
        {
            var second = BuildTree.Of(await solver.SolveAsync(target, runner, progress, recipes: null, new OwnCache(forgetful), cancellationToken));
            foreach (var diffId in first.Layers.Concat(second.Layers))
                lease.Hold(diffId);
            var (one, other) = (first.Layers, second.Layers);
            if (epoch is { } time)
                (one, other) = (await times.SetAsync(one, baseLayers, time, lease, cancellationToken), await times.SetAsync(other, baseLayers, time, lease, cancellationToken));
            await Threads.RunAsync(() => Compare(target, one, other, epoch is not null, cancellationToken));
        }
        finally
        {
            cache.Forget(forgetful.Made);
        }
    }

    /// <summary>The steps that made a tree's layers, the topmost first.</summary>
    private static IEnumerable<Vertex> StepsOf(Vertex target)
    {
        for (Vertex? vertex = target; vertex is not null;)
        {
            if (vertex is MergeStep merge)
            {
                foreach (var laid in merge.Inputs.Skip(1).Reverse())
                    yield return laid;
                vertex = merge.Inputs[0];
                continue;
            }

            yield return vertex;
            vertex = vertex.Root is { } root ? vertex.Inputs[root] : null;
        }
    }

    private void Compare(Vertex target, IReadOnlyList<Digest> one, IReadOnlyList<Digest> other, bool withTimes, CancellationToken cancellationToken)
    {
        var (stack, otherStack) = (content.Layers.Stack(one), content.Layers.Stack(other));
        for (var i = 0; i < stack.Count; i++)
        {
            if (stack[i].DiffId == otherStack[i].DiffId)
                continue;
            IReadOnlyList<string> differences;
            try
            {
                differences = new TreeComparison(withTimes, MostShown + 1, cancellationToken).Of(content.Layers.PathOf(stack[i]), content.Layers.PathOf(otherStack[i]));
            }
            catch (SyscallException failure)
            {
                throw GantryException.During("compare what both builds made", failure);
            }

            if (differences.Count == 0)
                continue;
            var step = StepsOf(target).ElementAtOrDefault(stack.Count - 1 - i);
            var shown = string.Join(", ", differences.Take(MostShown)) + (differences.Count > MostShown ? ", …" : "");
            var failed = $"the build is not reproducible: \"{step?.Name}\" made other files the second time: {shown}";
            throw GantryException.Of(ErrorKind.Conflict, failed, cause: step?.Lines is { } lines ? new DockerfileException(lines, new InvalidOperationException(failed)) : null);
        }
    }

    /// <summary>Knows nothing and keeps nothing, but what is to be let go of in the end.</summary>
    private sealed class ForgetfulCache : IBuildCache
    {
        private readonly ConcurrentQueue<StepResult> _made = new();

        public IEnumerable<StepResult> Made => _made;

        public StepResult? Find(Digest key, Vertex vertex, IReadOnlyList<StepResult> inputs) => null;

        public void Save(Digest key, StepResult result, Vertex vertex) => _made.Enqueue(result);
    }
}

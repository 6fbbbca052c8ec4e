using Gantry.Model;

namespace Gantry.Build;

/// <summary>What the keys of one build's steps are made of, beside what those of the last build of the same project were.</summary>
/// <remarks>Used by several threads at once.</remarks>
/// <param name="last">Reads what the last build left; called once at most.</param>
/// <param name="target">The build's graph.</param>
/// <param name="arguments">The names of what <c>--build-arg</c> gave.</param>
public sealed class RecipeBook(Func<IReadOnlyList<StepRecipe>> last, Vertex target, IReadOnlySet<string> arguments)
{
    // A Dockerfile of more steps is not one that a person asks about.
    private const int MostSteps = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, StepRecipe> _noted = [];
    private readonly Dictionary<Digest, StepRecipe> _pairs = [];
    private IReadOnlyList<StepRecipe>? _last;

    /// <summary>Notes a step whose result is known.</summary>
    /// <param name="key">As <see cref="StepRecipe.Key"/>.</param>
    /// <param name="digests">Its inputs as <see cref="RecipeInput.Digest"/> has them.</param>
    /// <param name="filesOf">What it uses of an input, by the input's place; null: that is not known.</param>
    public void Known(Vertex vertex, Digest key, IReadOnlyList<Digest?> digests, Func<int, IReadOnlyList<FileMark>?> filesOf)
    {
        var recipe = RecipeOf(vertex, key, digests, filesOf);
        lock (_gate)
            _noted[vertex.Digest] = recipe;
    }

    /// <summary>Notes a step that is about to run.</summary>
    /// <returns>Why it runs, a sentence for each thing that changed.</returns>
    /// <inheritdoc cref="Known"/>
    public IReadOnlyList<string> Run(Vertex vertex, Digest key, IReadOnlyList<Digest?> digests, Func<int, IReadOnlyList<FileMark>?> filesOf)
    {
        var recipe = RecipeOf(vertex, key, digests, filesOf);
        lock (_gate)
        {
            _noted[vertex.Digest] = recipe;
            if (vertex.IgnoreCache)
                return ["asked for: no cache"];
            if (Load() is [])
                return ["no earlier build of it is known"];
            return _pairs.TryGetValue(vertex.Digest, out var before) ? RecipeComparison.Of(before, recipe, arguments) : ["it is new: the last build had no such step"];
        }
    }

    /// <summary>A digest of the names and keys of all steps that were noted: builds with the same have the same to keep.</summary>
    public Digest State()
    {
        lock (_gate)
        {
            using var key = new KeyWriter();
            foreach (var recipe in _noted.Values.OrderBy(static recipe => recipe.Name, StringComparer.Ordinal).ThenBy(static recipe => recipe.Key.ToString(), StringComparer.Ordinal))
                key.Add(recipe.Name).Add(recipe.Key.ToString());
            return key.Finish();
        }
    }

    /// <summary>What is to be kept for the next build: what was noted, and of the last build the steps that this one did not come to.</summary>
    public IReadOnlyList<StepRecipe> ToKeep()
    {
        lock (_gate)
        {
            var old = Load();
            var replaced = _pairs.Where(pair => _noted.ContainsKey(pair.Key)).Select(static pair => pair.Value).ToHashSet(ReferenceEqualityComparer.Instance);
            return [.. _noted.Values.Select(recipe => Complete(recipe, old)).Concat(old.Where(recipe => !replaced.Contains(recipe))).Take(MostSteps)];
        }
    }

    // The same key, the same inputs: what an earlier build saw of them is still so.
    private static StepRecipe Complete(StepRecipe recipe, IReadOnlyList<StepRecipe> old)
    {
        if (recipe.Inputs.All(static input => input.Digest is not null) || old.FirstOrDefault(other => other.Key == recipe.Key) is not { } before)
            return recipe;
        return recipe with { Inputs = [.. recipe.Inputs.Zip(before.Inputs, static (now, then) => now.Digest is null ? now with { Digest = then.Digest, Files = then.Files } : now)] };
    }

    private static StepRecipe RecipeOf(Vertex vertex, Digest key, IReadOnlyList<Digest?> digests, Func<int, IReadOnlyList<FileMark>?> filesOf) => new()
    {
        Name = vertex.Name,
        Key = key,
        Traits = RecipeText.Kept(vertex.Traits()),
        Inputs =
        [
            .. vertex.Inputs.Select((input, place) => new RecipeInput
            {
                Name = input.Name,
                Digest = digests[place],
                IsImage = input is ImageSource,
                Files = vertex.SelectionOf(place) is null ? null : filesOf(place),
            }),
        ],
    };

    // Pairs the steps of both builds: first those whose stage and text are the same, then the rest by their numbers, so that
    // a line that was put in between does not make strangers of all below it.
    private IReadOnlyList<StepRecipe> Load()
    {
        if (_last is not null)
            return _last;
        _last = last();
        var old = _last.Select(static recipe => (Recipe: recipe, Place: StepPlace.Of(recipe.Name))).ToList();
        var open = All().Select(static vertex => (Vertex: vertex, Place: StepPlace.Of(vertex.Name))).ToList();
        Pair(static (a, b) => a.Stage == b.Stage && a.Text == b.Text);
        Pair(static (a, b) => a.Number > 0 && a.Stage == b.Stage && a.Number == b.Number && a.Instruction == b.Instruction);
        return _last;

        void Pair(Func<StepPlace, StepPlace, bool> fits)
        {
            open.RemoveAll(step =>
            {
                var found = old.FindIndex(candidate => fits(candidate.Place, step.Place));
                if (found < 0)
                    return false;
                _pairs[step.Vertex.Digest] = old[found].Recipe;
                old.RemoveAt(found);
                return true;
            });
        }
    }

    private List<Vertex> All()
    {
        var (all, seen, waiting) = (new List<Vertex>(), new HashSet<Digest>(), new Stack<Vertex>([target]));
        while (all.Count < MostSteps && waiting.TryPop(out var vertex))
        {
            if (!seen.Add(vertex.Digest))
                continue;
            if (vertex.Inputs.Count > 0)
                all.Add(vertex);
            foreach (var input in vertex.Inputs)
                waiting.Push(input);
        }

        return all;
    }
}

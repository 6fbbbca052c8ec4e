using System.Security.Cryptography;
using System.Text;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build.Why;

/// <summary>Why steps run: what is said of the difference between two builds of a project.</summary>
public sealed class RecipeBookTests
{
    private static readonly ImageSource s_image = new() { Name = "[1/3] FROM docker.io/library/busybox:latest@sha256:a", Reference = "busybox", Platform = "linux/amd64" };
    private static readonly LocalContext s_context = new() { Name = "[internal] load build context", Context = "context", Session = "s" };

    private IReadOnlyList<StepRecipe> _kept = [];

    private static Digest Of(string text) => Digest.OfSha256(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ExecStep Run(string command, string name, Vertex on, params string[] environment) => new(name, [on], 0, ["/bin/sh", "-c", command], []) { Environment = environment };

    private static FileStep Copy(string name, Vertex on) => new(name, [on, s_context], 0, [new CopyAction { From = 1, Sources = ["/"], Destination = "/app/" }]);

    // Runs one step in a build of its own, with an input's digest for each text.
    private IReadOnlyList<string> Why(Vertex step, string[] inputs, FileMark[]? files = null, string[]? arguments = null, Vertex? target = null)
    {
        var book = new RecipeBook(() => _kept, target ?? step, (arguments ?? []).ToHashSet());
        Digest[] digests = [.. inputs.Select(Of)];
        var why = book.Run(step, step.Key(digests), [.. digests], _ => files);
        _kept = book.ToKeep();
        return why;
    }

    [Fact]
    public void TheFirstBuildKnowsNothing()
    {
        Assert.Equal(["no earlier build of it is known"], Why(Run("make", "[2/3] RUN make", s_image), ["i"]));
        Assert.Equal(["it is new: the last build had no such step"], Why(Run("test", "[3/3] RUN test", s_image), ["i"]));
        Assert.Equal(["asked for: no cache"], Why(new ExecStep("[3/3] RUN test", [s_image], 0, ["test"], []) { IgnoreCache = true }, ["i"]));
    }

    [Fact]
    public void VariablesAndCommandsAreNamedWithTheirValues()
    {
        Why(Run("make", "[2/3] RUN make", s_image, "V=1", "OLD=x", "API_TOKEN=hush-1"), ["i"]);
        var why = Why(Run("make all", "[2/3] RUN make all", s_image, "V=2", "NEW=y", "API_TOKEN=hush-2"), ["i"], arguments: ["V"]);
        Assert.Equal(
            [
                "command: \"/bin/sh -c make\" → \"/bin/sh -c make all\"",
                "argument V: \"1\" → \"2\"",
                "variable OLD was removed: \"x\"",
                "variable API_TOKEN changed (its value is not shown)",
                "variable NEW was added: \"y\"",
            ],
            why);
        Assert.DoesNotContain(_kept.SelectMany(recipe => recipe.Traits.Values), value => value.Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public void FilesAreNamedTheFirstFew()
    {
        var step = Copy("[2/3] COPY . /app", s_image);
        Why(step, ["i", "1"], [new("/", 0), new("a", 1), new("b", 1), new("gone", 1)]);
        Assert.Equal(["files of the context: changed b; added c, d, e, f, g and 2 more; removed gone"], Why(step, ["i", "2"], [new("/", 0), new("a", 1), new("b", 2), .. "cdefghi".Select(letter => new FileMark($"{letter}", 1))]));
    }

    [Fact]
    public void WhatItIsBuiltOnIsNamed()
    {
        var copy = Copy("[2/3] COPY . /app", s_image);
        var run = Run("make", "[3/3] RUN make", copy);
        Why(run, ["c1"]);
        Assert.Equal(["[2/3] COPY . /app made another result"], Why(run, ["c2"]));
        Assert.Equal(["its result is gone from the cache: pruned, or removed to make room"], Why(run, ["c2"]));
        Why(Run("first", "[2/3] RUN first", s_image), ["i1"]);
        Assert.Equal([$"the base image changed: {Of("i1").Short} → {Of("i2").Short}"], Why(Run("first", "[2/3] RUN first", s_image), ["i2"]));
    }

    [Fact]
    public void ALinePutInBetweenIsNoChangeOfTheOthers()
    {
        var first = Run("one", "[2/3] RUN one", s_image);
        var second = Run("two", "[3/3] RUN two", first);
        Why(first, ["i"], target: second);
        Why(second, ["1"], target: second);
        var between = Run("new", "[3/4] RUN new", first);
        var moved = Run("two", "[4/4] RUN two", between);
        Assert.Equal(["it is new: the last build had no such step"], Why(between, ["1"], target: moved));
        Assert.Equal(["it is built on [3/4] RUN new now, and was on [2/3] RUN one"], Why(moved, ["n"], target: moved));
    }

    [Fact]
    public void WhatNobodyLookedAtIsWhatItWasBefore()
    {
        var step = Copy("[2/3] COPY . /app", s_image);
        Why(step, ["i", "1"], [new("/", 0), new("a", 1)]);
        Known(step, step.Key([Of("i"), Of("1")]));
        Assert.Equal(["files of the context: changed a"], Why(step, ["i", "2"], [new("/", 0), new("a", 2)]));
        // A result that another project left: what it was made of is not known here.
        Known(step, step.Key([Of("i"), Of("3")]));
        Assert.Equal(["something changed in what it uses of [internal] load build context: the last build had no need to look at it, so that nothing tells what"], Why(step, ["i", "4"], [new("/", 0), new("a", 4)]));

        void Known(Vertex vertex, Digest key)
        {
            var book = new RecipeBook(() => _kept, vertex, new HashSet<string>());
            book.Known(vertex, key, [Of("i"), null], _ => null);
            _kept = book.ToKeep();
        }
    }

    [Fact]
    public void AStepThatWasFoundIsComparedWithTheNextTime()
    {
        var step = Run("make", "[2/3] RUN make", s_image, "V=1");
        var other = Run("make", "[2/3] RUN make", s_image, "V=2");
        Why(step, ["i"]);
        Why(other, ["i"]);
        // Back to the first, whose result is known: it is the first that a third is compared with.
        var book = new RecipeBook(() => _kept, step, new HashSet<string>());
        book.Known(step, step.Key([Of("i")]), [Of("i")], _ => null);
        _kept = book.ToKeep();
        Assert.Equal(["variable V: \"1\" → \"3\""], Why(Run("make", "[2/3] RUN make", s_image, "V=3"), ["i"]));
    }
}

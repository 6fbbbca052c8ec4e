using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build;

public sealed class VertexTests
{
    [Fact]
    public void TheDigestFollowsFromTheDefinition()
    {
        Assert.Equal(Graphs.Run("a", Graphs.Image()).Digest, Graphs.Run("a", Graphs.Image()).Digest);
        Assert.NotEqual(Graphs.Run("a", Graphs.Image()).Digest, Graphs.Run("b", Graphs.Image()).Digest);
        Assert.NotEqual(Graphs.Run("a", Graphs.Image()).Digest, Graphs.Run("a", Graphs.Run("a", Graphs.Image())).Digest);
    }

    [Fact]
    public void NamesAndProxiesAreNoPartOfIt()
    {
        var plain = new ExecStep("[1/2] RUN a", [Graphs.Image()], 0, ["a"], []);
        var behindProxy = new ExecStep("[2/3] RUN a", [Graphs.Image()], 0, ["a"], []) { UnkeyedEnvironment = ["HTTP_PROXY=http://p"] };
        Assert.Equal(plain.Digest, behindProxy.Digest);
        Assert.NotEqual(plain.Digest, new ExecStep("RUN a", [Graphs.Image()], 0, ["a"], []) { Environment = ["HTTP_PROXY=http://p"] }.Digest);
    }

    [Fact]
    public void WordsCannotBeCutElsewhere() =>
        Assert.NotEqual(new ExecStep("x", [], null, ["ab", "c"], []).Digest, new ExecStep("x", [], null, ["a", "bc"], []).Digest);

    [Fact]
    public void WordsCannotMoveBetweenFields() =>
        Assert.NotEqual(new ExecStep("x", [], null, ["a", "B=1"], []).Digest, new ExecStep("x", [], null, ["a"], []) { Environment = ["B=1"] }.Digest);

    [Fact]
    public void AbsentIsNotEmpty() =>
        Assert.NotEqual(
            new GitSource { Name = "g", Url = "u", Ref = "" }.Digest,
            new GitSource { Name = "g", Url = "u" }.Digest);

    [Fact]
    public void ClientsContextsDifferButTheirStepsDoNot()
    {
        var one = Graphs.Copy(Graphs.Image(), Graphs.Context("one"));
        var two = Graphs.Copy(Graphs.Image(), Graphs.Context("two"));
        Assert.NotEqual(one.Digest, two.Digest);
        Digest[] identities = [one.Inputs[0].Digest, one.Inputs[1].Digest];
        Assert.Equal(one.Key(identities), two.Key(identities));
    }

    [Fact]
    public void ACacheMountsIdIsNoPartOfTheKeyButASecretsIs()
    {
        static ExecStep With(StepMountKind kind, string id) => new("x", [], null, ["a"], [new() { Kind = kind, Target = "/m", Id = id }]);
        Assert.Equal(With(StepMountKind.Cache, "a").Digest, With(StepMountKind.Cache, "b").Digest);
        Assert.NotEqual(With(StepMountKind.Secret, "a").Digest, With(StepMountKind.Secret, "b").Digest);
    }

    [Fact]
    public void OnlyWhatIsCopiedOrBoundCounts()
    {
        var copy = Graphs.Copy(Graphs.Image(), Graphs.Context());
        Assert.Null(copy.SelectionOf(0));
        Assert.Equal(["/package.json"], copy.SelectionOf(1)!.Paths);
        var run = new ExecStep("x", [Graphs.Image(), Graphs.Context()], 0, ["a"], [new() { Kind = StepMountKind.Bind, Target = "/src", From = 1, Source = "/src" }]);
        Assert.Null(run.SelectionOf(0));
        Assert.Equal(["/src"], run.SelectionOf(1)!.Paths);
    }

    [Fact]
    public void CopiesThatReadDifferentlySelectTheWholeTree()
    {
        var step = new FileStep("x", [Graphs.Context()], null,
        [
            new CopyAction { From = 0, Sources = ["/a"], Destination = "/", Excludes = ["*.md"] },
            new CopyAction { From = 0, Sources = ["/b"], Destination = "/" },
        ]);
        Assert.Equal(["/"], step.SelectionOf(0)!.Paths);
        Assert.Empty(step.SelectionOf(0)!.Excludes);
    }

    [Fact]
    public void WhatIsLeftOutOfKeptParentsIsNamedFromElsewhere()
    {
        var step = new FileStep("x", [Graphs.Context()], null, [new CopyAction { From = 0, Sources = ["/a/./b"], Destination = "/", Excludes = ["*.md"], Parents = true, HasWildcards = true }]);
        Assert.Equal(["/"], step.SelectionOf(0)!.Paths);
        Assert.Empty(step.SelectionOf(0)!.Excludes);
    }

    [Fact]
    public void AnInputThatIsNotThereIsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FileStep("x", [], null, [new CopyAction { From = 0, Sources = ["/a"], Destination = "/" }]));
}

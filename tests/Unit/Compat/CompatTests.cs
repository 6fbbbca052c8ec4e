using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Compat;

/// <summary>docs/compat.md says what is so.</summary>
public sealed class CompatTests
{
    private static string Path => System.IO.Path.Combine(Repository.Root, "docs/compat.md");

    [Fact]
    public async Task ThePageIsUpToDate()
    {
        var page = await CompatPage.MakeAsync();
        var made = page.Write();
        if (Environment.GetEnvironmentVariable("GANTRY_WRITE_COMPAT") == "1")
            await File.WriteAllTextAsync(Path, made, TestContext.Current.CancellationToken);
        Assert.Empty(page.WithoutSample);
        Assert.True(!page.Reasons.Unused.Any(), $"take out of tests/Unit/Compat/reasons.json, because it works now or never existed: {string.Join("; ", page.Reasons.Unused)}");
        var kept = File.Exists(Path) ? await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken) : "";
        var difference = made.Split('\n').Except(kept.Split('\n')).Concat(kept.Split('\n').Except(made.Split('\n')).Select(line => $"no longer: {line}")).Take(20);
        Assert.True(made == kept, $"docs/compat.md is out of date; type: GANTRY_WRITE_COMPAT=1 ./test.sh --unit\n{string.Join('\n', difference)}");
    }

    [Theory]
    [InlineData("GET /containers/json", "all limit size filters")]
    [InlineData("DELETE /containers/{id}", "v force link")]
    [InlineData("POST /containers/{id}/resize", "h w")]
    [InlineData("POST /containers/{id}/attach", "detachKeys logs stream stdin stdout stderr")]
    public void HandlersTellWhatTheyRead(string operation, string parameters) =>
        Assert.Superset(parameters.Split(' ').ToHashSet(), HandlerCode.Of(OperationStates.RouteOf(operation)!).Query.ToHashSet());

    [Fact]
    public void WhatAHandlerDoesNotReadIsNotFound() =>
        Assert.DoesNotContain("filters", HandlerCode.Of(OperationStates.RouteOf("GET /containers/{id}/json")!).Query);
}

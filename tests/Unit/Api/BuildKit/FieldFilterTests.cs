using Gantry.Api.BuildKit.Builds;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Api.BuildKit;

/// <summary>Filters of BuildKit's clients.</summary>
public sealed class FieldFilterTests
{
    private static readonly string[] s_fields = ["id", "type", "shared", "description"];

    private static readonly Dictionary<string, string> s_record = new() { ["id"] = "abc", ["type"] = "regular", ["description"] = "[1/2] RUN a, b" };

    [Theory]
    [InlineData("", true)]
    [InlineData("id==abc", true)]
    [InlineData("id==ab", false)]
    [InlineData("id!=ab", true)]
    [InlineData("id~=^a.c$", true)]
    [InlineData("id~=^b", false)]
    [InlineData("shared", false)]
    [InlineData("type", true)]
    [InlineData("type==regular,id==abc", true)]
    [InlineData("type==regular,shared", false)]
    [InlineData("description==\"[1/2] RUN a, b\",type==regular", true)]
    [InlineData("description~=\"RUN a, b$\"", true)]
    [InlineData("description~=\"(a*)*c\"", false)]
    public void AllConditionsMustHold(string filter, bool matches) => Assert.Equal(matches, FieldFilter.Parse([filter], s_fields).Matches(s_record.GetValueOrDefault));

    [Fact]
    public void OneOfSeveralIsEnough()
    {
        Assert.True(FieldFilter.Parse(["id==x", "type==regular"], s_fields).Matches(s_record.GetValueOrDefault));
        Assert.True(FieldFilter.Parse([], s_fields).Matches(s_record.GetValueOrDefault));
    }

    [Theory]
    [InlineData("colour==red")]
    [InlineData("==x")]
    [InlineData("id==")]
    [InlineData("id=abc")]
    [InlineData("id==abc def")]
    [InlineData("id==\"abc")]
    [InlineData("id==\"abc\"x")]
    [InlineData("id==abc,,type")]
    [InlineData("id~=(")]
    public void WhatIsNoFilterIsRefused(string filter) =>
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => FieldFilter.Parse([filter], s_fields).Matches(s_record.GetValueOrDefault)).Kind);
}

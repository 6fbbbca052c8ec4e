using Gantry.Api;
using Gantry.Api.Routing;
using Gantry.Api.Versions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class RoutingTests
{
    private static readonly RouteTable Table = new(Routes.All);

    [Theory]
    [InlineData("GET", "/images/docker.io/library/postgres:16/json", "/images/{name:.*}/json", "docker.io/library/postgres:16")]
    [InlineData("GET", "/images/a%2Fb/json?x=1", "/images/{name:.*}/json", "a/b")]
    [InlineData("GET", "/images/json", "/images/json", null)]
    [InlineData("GET", "/v1.44/images/json", "/images/json", null)]
    [InlineData("GET", "/containers/web/mysql/json", "/containers/{id:.*}/json", "web/mysql")]
    [InlineData("DELETE", "/containers/web%2Fmysql?link=1", "/containers/{id:.*}", "web/mysql")]
    [InlineData("GET", "/images/json/json", "/images/{name:.*}/json", "json")]
    [InlineData("DELETE", "/images/localhost:5000/a/b@sha256:00", "/images/{name:.*}", "localhost:5000/a/b@sha256:00")]
    [InlineData("GET", "/images/history/history", "/images/{name:.*}/history", "history")]
    [InlineData("GET", "/networks/", "/networks", null)]
    [InlineData("GET", "/containers//web/json", "/containers/{id:.*}/json", "web")]
    public void PathsFindTheirRoute(string method, string target, string pattern, string? name)
    {
        var route = Table.Find(method, RouteTable.Split(target, out _), out var values);
        Assert.Equal(pattern, route?.Pattern);
        if (name is not null)
            Assert.Equal(name, values.Single().Value);
    }

    [Theory]
    [InlineData("/v1.24/info", "1.24")]
    [InlineData("/v1.24.1/info", "1.24")]
    [InlineData("/info", null)]
    [InlineData("/volumes", null)]
    public void VersionsAreParted(string target, string? version)
    {
        RouteTable.Split(target, out var found);
        Assert.Equal(version, found?.ToString());
    }

    [Theory]
    [InlineData("1.9", "1.10", -1)]
    [InlineData("1.44", "1.44", 0)]
    [InlineData("2.0", "1.56", 1)]
    public void VersionsCompareByNumber(string left, string right, int expected)
    {
        Assert.True(ApiVersion.TryParse(left, out var a));
        Assert.True(ApiVersion.TryParse(right, out var b));
        Assert.Equal(expected, Math.Sign(a.CompareTo(b)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.")]
    [InlineData("1.x")]
    [InlineData("1.2.3.4")]
    [InlineData("1.99999999999")]
    [InlineData("-1.2")]
    public void NoVersion(string text) => Assert.False(ApiVersion.TryParse(text, out _));

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("yes", true)]
    [InlineData("anything", true)]
    [InlineData("0", false)]
    [InlineData("false", false)]
    [InlineData("no", false)]
    [InlineData("none", false)]
    [InlineData("", false)]
    public void FlagsAreReadAsDockerDoes(string text, bool expected) => Assert.Equal(expected, Of("all", text).Flag("all"));

    [Theory]
    [InlineData("1700000000", 1700000000_000)]
    [InlineData("1700000000.5", 1700000000_500)]
    [InlineData("1700000000.000000001", 1700000000_000)]
    [InlineData("2023-11-14T22:13:20Z", 1700000000_000)]
    [InlineData("2023-11-14T22:13:20.123456789Z", 1700000000_123)]
    [InlineData("2023-11-14T23:13:20+01:00", 1700000000_000)]
    [InlineData("2023-11-14T22:13:20", 1700000000_000)]
    [InlineData("2023-11-14", 1699920000_000)]
    [InlineData("10m", 1700000000_000 - 600_000)]
    [InlineData("1h30m", 1700000000_000 - 5_400_000)]
    [InlineData("1.5s", 1700000000_000 - 1_500)]
    public void TimesComeInManyForms(string text, long milliseconds)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1700000000);
        Assert.Equal(milliseconds, Of("since", text).Time("since", now)!.Value.ToUnixTimeMilliseconds());
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("10")]
    [InlineData("99999999999999999999")]
    [InlineData("1e9h")]
    [InlineData("9999999999999h")]
    public void OtherTimesAreRefused(string text)
    {
        if (text == "10")
        {
            Assert.NotNull(Of("since", text).Time("since", DateTimeOffset.UnixEpoch)); // ten seconds after 1970
            return;
        }
        Assert.Throws<Gantry.Model.GantryException>(() => Of("since", text).Time("since", DateTimeOffset.UnixEpoch));
    }

    private static Query Of(string name, string value) => new(new QueryCollection(new Dictionary<string, StringValues> { [name] = value }));
}

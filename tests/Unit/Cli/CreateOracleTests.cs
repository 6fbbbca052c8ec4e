using System.Text.Json.Nodes;
using Xunit;

namespace Gantry.Tests.Unit.Cli;

/// <summary>What gantry posts for a command line is what docker's own client posts; where docker refuses, gantry says the same.</summary>
public sealed class CreateOracleTests(ITestOutputHelper output)
{
    [Fact]
    public void EveryCreateLine_PostsWhatDockerPosts()
    {
        Assert.SkipUnless(File.Exists(Cli.Docker), "docker's client is not installed");
        var directory = Directory.CreateTempSubdirectory("gantry-create-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "env.f"), "A=1\nHOME\n#c\n B=2 x\nNOPE_X\n");
            File.WriteAllText(Path.Combine(directory, "lab.f"), "l1=v1\nl2\n");
            File.WriteAllText(Path.Combine(directory, "sec.json"), "{ \"defaultAction\": \"SCMP_ACT_ALLOW\" }\n");
            using var engine = new FakeEngine(static request => request.Path.Contains("/containers/create", StringComparison.Ordinal)
                ? FakeEngine.Response.Json($"{{\"Id\":\"{new string('a', 64)}\",\"Warnings\":[]}}", 201)
                : FakeEngine.Response.Json("{}"));
            var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Cli", "create-lines.txt")).Where(static l => l.Length > 0 && l[0] != '#').ToList();
            Assert.True(lines.Count > 150);
            var differing = lines.Where(line => !Same(engine, [], Cli.Split(line.Replace("DIR", directory, StringComparison.Ordinal)))).ToList();
            Assert.Empty(differing);

            // Proxies of the configuration file, for all engines and for this one.
            foreach (var proxies in (string[])["""{"default":{"httpProxy":"http://p:1","noProxy":"a,b","ftpProxy":""}}""", """{"default":{"httpProxy":"http://p:1"},"HOST":{"allProxy":"http://q:2","httpsProxy":"http://r:3"}}"""])
            {
                File.WriteAllText(Path.Combine(directory, "config.json"), $"{{\"proxies\":{proxies.Replace("HOST", engine.Host, StringComparison.Ordinal)}}}");
                foreach (var line in (string[])["busybox", "-e HTTP_PROXY=own busybox", "-e https_proxy -e A=b busybox", "--env-file DIR/env.f busybox"])
                    Assert.True(Same(engine, ["--config", directory], Cli.Split(line.Replace("DIR", directory, StringComparison.Ordinal))), line);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private bool Same(FakeEngine engine, string[] before, string[] arguments)
    {
        string[] whole = [.. before, "-H", engine.Host, "create", .. arguments];
        var (docker, dockerPost) = Posted(engine, () => Cli.RunDocker(whole));
        var (gantry, gantryPost) = Posted(engine, () => Cli.Gantry(whole));
        var same = docker.Code == gantry.Code && JsonNode.DeepEquals(dockerPost, gantryPost)
            && (dockerPost is not null || docker.Error.Split('\n')[0] == gantry.Error.Split('\n')[0]);
        if (!same)
            output.WriteLine($"{string.Join(' ', arguments)}\n docker {docker.Code} {docker.Error}{dockerPost?.ToJsonString()}\n gantry {gantry.Code} {gantry.Error}{gantryPost?.ToJsonString()}");
        return same;
    }

    private static (Cli.Result, JsonNode?) Posted(FakeEngine engine, Func<Cli.Result> run)
    {
        engine.Forget();
        var result = run();
        var post = engine.Requests.LastOrDefault(static r => r.Path.Contains("/containers/create", StringComparison.Ordinal));
        if (post is null)
            return (result, null);
        var body = JsonNode.Parse(post.Body)!.AsObject();
        body["query"] = post.Path[post.Path.IndexOf("/containers", StringComparison.Ordinal)..];
        Sort(body, "Env");
        Sort(body["HostConfig"]!.AsObject(), "Binds");
        return (result, body);
    }

    // Docker keeps these in a Go map while it reads them: their order is random there.
    private static void Sort(JsonObject parent, string name)
    {
        if (parent[name] is JsonArray array)
            parent[name] = new JsonArray([.. array.Select(static n => n!.GetValue<string>()).Order(StringComparer.Ordinal).Select(static s => JsonValue.Create(s))]);
    }
}

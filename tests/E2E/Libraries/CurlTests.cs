using System.Text.Json;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Libraries;

/// <summary>Plain HTTP without any client's library, as scripts use it: a container's whole life with curl.</summary>
public sealed class CurlTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static readonly JsonSerializerOptions s_any = new();

    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task AContainersWholeLife()
    {
        var ping = (await CurlAsync("-I", "/_ping")).Body;
        Assert.Contains("Api-Version: ", ping, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Ostype: linux", ping, StringComparison.OrdinalIgnoreCase);

        var pulled = await PostAsync("/images/create?fromImage=busybox&tag=latest", null, 200);
        var last = pulled.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("Status: ", Parse(last).GetProperty("status").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("invalid reference format", Parse(await PostAsync("/images/create?fromImage=Bad", null, 400)).GetProperty("message").GetString(), StringComparison.Ordinal);

        var id = Parse(await PostAsync("/containers/create?name=curled", """{"Image":"busybox","Cmd":["sh","-c","trap 'exit 4' TERM; echo up; while :; do sleep 0.1; done"],"Labels":{"by":"curl"}}""", 201)).GetProperty("Id").GetString()!;
        await StartedAsync();

        var top = Parse((await CurlAsync($"/containers/{id}/top?ps_args=-o%20pid,args")).Body);
        Assert.Equal("PID", top.GetProperty("Titles")[0].GetString());
        Assert.Contains("echo up", top.GetProperty("Processes")[0][1].GetString(), StringComparison.Ordinal);

        await FilesAsync();
        await ExecsAsync(id);

        await PostAsync("/containers/curled/rename?name=curled-2", null, 204);
        Assert.Equal("/curled-2", Parse((await CurlAsync($"/containers/{id}/json")).Body).GetProperty("Name").GetString());
        Assert.Contains("No such container: curled", await PostAsync("/containers/curled/rename?name=x", null, 404), StringComparison.Ordinal);

        var before = StartedAt(await CurlAsync($"/containers/{id}/json"));
        await PostAsync($"/containers/{id}/restart?t=30", null, 204);
        Assert.NotEqual(before, StartedAt(await CurlAsync($"/containers/{id}/json")));
        await Eventually.HoldsAsync("it is up again", async () => (await Engine.GantryAsync("logs", id)).Text == "up\nup");
        await PostAsync($"/containers/{id}/stop?t=30", null, 204);
        await PostAsync($"/containers/{id}/stop", null, 304);
        Assert.Equal(4, Parse((await CurlAsync($"/containers/{id}/json")).Body).GetProperty("State").GetProperty("ExitCode").GetInt32());
        Assert.Equal(204, (await CurlAsync("-X", "DELETE", $"/containers/{id}")).Status);

        async Task StartedAsync()
        {
            await PostAsync($"/containers/{id}/start", null, 204);
            await Eventually.HoldsAsync("it is up", async () => (await Engine.GantryAsync("logs", id)).Text == "up");
        }

        static string StartedAt((int Status, string Body) inspected) => Parse(inspected.Body).GetProperty("State").GetProperty("StartedAt").GetString()!;
    }

    [Fact]
    public async Task CredentialsAreTried()
    {
        var answer = Parse(await PostAsync("/auth", $$"""{"username":"me","password":"secret","serveraddress":"127.0.0.1:{{hub.Registry.Port}}"}""", 200));
        Assert.Equal("Login Succeeded", answer.GetProperty("Status").GetString());
        Assert.Contains("cannot reach the registry", await PostAsync("/auth", $$"""{"username":"me","password":"secret","serveraddress":"127.0.0.1:{{RegistryFixture.FreePort()}}"}""", 503), StringComparison.Ordinal);
    }

    private async Task FilesAsync()
    {
        var here = Directory.CreateTempSubdirectory("gantry-curl-").FullName;
        try
        {
            Directory.CreateDirectory($"{here}/in");
            await File.WriteAllTextAsync($"{here}/in/note", "from outside\n");
            (await Command.RunAsync("tar", ["-C", $"{here}/in", "-cf", $"{here}/in.tar", "note"])).Succeeded();
            var put = await CurlAsync("-T", $"{here}/in.tar", "/containers/curled/archive?path=/tmp");
            Assert.Equal((200, ""), put);
            Assert.Equal("from outside", (await Engine.GantryAsync("exec", "curled", "cat", "/tmp/note")).Succeeded().Text);
            Assert.Equal(404, (await CurlAsync("-T", $"{here}/in.tar", "/containers/curled/archive?path=/nonesuch")).Status);

            Assert.Equal(200, (await CurlAsync("-D", $"{here}/headers", "-o", $"{here}/out.tar", "/containers/curled/archive?path=/tmp/note")).Status);
            Assert.Equal("from outside\n", (await Command.RunAsync("tar", ["-xOf", $"{here}/out.tar", "note"])).Succeeded().Output);
            var stat = (await File.ReadAllLinesAsync($"{here}/headers")).Single(line => line.StartsWith("X-Docker-Container-Path-Stat: ", StringComparison.OrdinalIgnoreCase))[30..].Trim();
            Assert.Equal(13, Parse(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(stat))).GetProperty("size").GetInt32());

            Assert.Equal(200, (await CurlAsync("-o", $"{here}/all.tar", "/containers/curled/export")).Status);
            Assert.Equal("from outside\n", (await Command.RunAsync("tar", ["-xOf", $"{here}/all.tar", "tmp/note"])).Succeeded().Output);
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }
    }

    private async Task ExecsAsync(string id)
    {
        // Output without a terminal comes in frames: stream, three zeros, length.
        var exec = await ExecAsync("""{"Cmd":["sh","-c","echo out; exit 5"],"AttachStdout":true,"AttachStderr":true}""");
        Assert.Equal("\u0001\0\0\0\0\0\0\u0004out\n", await PostAsync($"/exec/{exec}/start", """{"Detach":false,"Tty":false}""", 200));
        var ended = Parse((await CurlAsync($"/exec/{exec}/json")).Body);
        Assert.Equal((5, false, id), (ended.GetProperty("ExitCode").GetInt32(), ended.GetProperty("Running").GetBoolean(), ended.GetProperty("ContainerID").GetString()));
        Assert.Equal(404, (await CurlAsync("/exec/nonesuch/json")).Status);

        // It ends when its terminal has the size that it is given.
        exec = await ExecAsync("""{"Cmd":["sh","-c","until [ \"$(stty size)\" = \"33 111\" ]; do sleep 0.05; done; exit 8"],"Tty":true,"AttachStdin":true}""");
        await PostAsync($"/exec/{exec}/start", """{"Detach":true,"Tty":true}""", 200);
        Assert.True(Parse((await CurlAsync($"/exec/{exec}/json")).Body).GetProperty("Running").GetBoolean());
        await PostAsync($"/exec/{exec}/resize?h=33&w=111", null, 200);
        await Eventually.HoldsAsync("it has seen its new size", async () => Parse((await CurlAsync($"/exec/{exec}/json")).Body).GetProperty("ExitCode") is { ValueKind: JsonValueKind.Number } code && code.GetInt32() == 8);

        async Task<string> ExecAsync(string body) => Parse(await PostAsync($"/containers/{id}/exec", body, 201)).GetProperty("Id").GetString()!;
    }

    [Fact]
    public async Task AnImageIsBuilt()
    {
        var folder = Directory.CreateTempSubdirectory("gantry-curl-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\nLABEL by=curl\n", TestContext.Current.CancellationToken);
            (await Command.RunAsync("tar", ["-C", folder, "-cf", $"{folder}/context.tar", "Dockerfile"])).Succeeded();
            var (status, body) = await CurlAsync("-X", "POST", "-H", "Content-Type: application/x-tar", "--data-binary", $"@{folder}/context.tar", "/build?t=curl-built");
            Assert.Equal(200, status);
            Assert.Contains("Successfully tagged curl-built:latest", body, StringComparison.Ordinal);
            Assert.Equal("curl", Parse((await CurlAsync("/images/curl-built/json")).Body).GetProperty("Config").GetProperty("Labels").GetProperty("by").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string> PostAsync(string path, string? body, int status)
    {
        string[] content = body is null ? ["-X", "POST"] : ["-H", "Content-Type: application/json", "-d", body];
        var answer = await CurlAsync([.. content, path]);
        Assert.True(answer.Status == status, $"POST {path}: {answer.Status} {answer.Body}");
        return answer.Body;
    }

    private async Task<(int Status, string Body)> CurlAsync(params string[] arguments)
    {
        var text = (await Command.RunAsync("curl", ["-s", "-w", "%{stderr}%{http_code}", "--unix-socket", Engine.Socket, .. arguments[..^1], "http://gantry/v1.50" + arguments[^1]])).Succeeded();
        return (int.Parse(text.Error, System.Globalization.CultureInfo.InvariantCulture), text.Output);
    }

    private static JsonElement Parse(string json) => JsonSerializer.Deserialize<JsonElement>(json, s_any);
}

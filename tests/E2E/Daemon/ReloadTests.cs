using System.Globalization;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E;

/// <summary>SIGHUP, as <c>systemctl reload</c> sends it.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task HangUpReadsTheConfigurationAgain()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{"labels": ["zone=a"]}""");
            await using var engine = await EngineFixture.StartAsync("--config-file", file);
            Assert.Equal("[zone=a]", (await engine.DockerAsync("info", "-f", "{{.Labels}}")).Output.Trim());

            await File.WriteAllTextAsync(file, """{"labels": ["zone=b"], "log-level": "debug", "registry-mirrors": ["https://mirror.example"], "default-shm-size": "1m"}""");
            await HangUpAsync(engine);
            await Eventually.HoldsAsync("the new label is shown", async () => (await engine.DockerAsync("info", "-f", "{{.Labels}}")).Output.Trim() == "[zone=b]");
            Assert.Contains("https://mirror.example", (await engine.DockerAsync("info")).Output, StringComparison.Ordinal);
            // The client counts in whole seconds: the end must be beyond this one.
            var soon = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1).ToString(CultureInfo.InvariantCulture);
            Assert.Equal("reload", (await engine.DockerAsync("events", "--since", "1m", "--until", soon, "--filter", "type=daemon", "--format", "{{.Action}}")).Output.Trim());

            await File.WriteAllTextAsync(file, """{"labels": ["zone=c"], "nonsense": 1}""");
            await HangUpAsync(engine);
            await Eventually.HoldsAsync("the problem is logged", () => Task.FromResult(engine.Log.Contains("the following directives don't match any configuration option: nonsense", StringComparison.Ordinal)));
            Assert.Equal("[zone=b]", (await engine.DockerAsync("info", "-f", "{{.Labels}}")).Output.Trim());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<CommandResult> HangUpAsync(EngineFixture engine) =>
        Command.RunAsync("kill", ["-HUP", engine.Pid.ToString(CultureInfo.InvariantCulture)], "");
}

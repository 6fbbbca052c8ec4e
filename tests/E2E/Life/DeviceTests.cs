using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>Devices that the host specifies by CDI, through Docker's own client.</summary>
[Collection(LifeCollection.Name)]
public sealed class DeviceTests(HubFixture hub)
{
    [Fact]
    public async Task SpecifiedDevicesAppearInTheContainer()
    {
        var folder = Directory.CreateTempSubdirectory("gantry-cdi-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "text"), "from the host\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "vendor.json"), """
            {"cdiVersion": "0.6.0", "kind": "vendor.com/class", "devices": [{"name": "zero", "containerEdits": {
              "env": ["A=b"], "deviceNodes": [{"path": "/dev/mine", "hostPath": "/dev/zero"}],
              "mounts": [{"hostPath": "FOLDER/text", "containerPath": "/vendor/text", "options": ["ro", "bind"]}]}}]}
            """.Replace("FOLDER", folder, StringComparison.Ordinal));
        await using (var engine = await EngineFixture.StartAsync("--registry-mirror", hub.Registry.Url, "--cdi-spec-dir", folder))
        {
            var run = await engine.DockerAsync("run", "--rm", "--device", "vendor.com/class=zero", "busybox", "sh", "-c", "echo $A; head -c 3 /dev/mine | od -An -tx1; cat /vendor/text");
            Assert.Equal("b\n 00 00 00\nfrom the host", run.Succeeded().Text);
            Assert.Contains("unresolvable CDI devices vendor.com/class=absent", (await engine.DockerAsync("run", "--rm", "--device", "vendor.com/class=absent", "busybox")).Exited(125).Error, StringComparison.Ordinal);
            Assert.Contains("could not select device driver", (await engine.DockerAsync("run", "--rm", "--gpus", "all", "busybox")).Exited(125).Error, StringComparison.Ordinal);
        }
        Directory.Delete(folder, recursive: true);
    }
}

using Gantry.Engine.Devices;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Devices;

public sealed class CdiTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gantry-cdi-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void EditsGoIntoTheConfiguration()
    {
        Write("a.json", """
            {"cdiVersion": "0.6.0", "kind": "vendor.com/class", "containerEdits": {"env": ["COMMON=1"], "additionalGids": [44]},
             "devices": [
               {"name": "zero", "containerEdits": {"env": ["A=b"], "deviceNodes": [{"path": "/dev/mine", "hostPath": "/dev/zero", "fileMode": 438}],
                 "mounts": [{"hostPath": "/opt/lib", "containerPath": "/lib/vendor", "options": ["ro", "bind"]}],
                 "hooks": [{"hookName": "createContainer", "path": "/bin/hook", "args": ["hook", "x"], "timeout": 3}]}},
               {"name": "card", "containerEdits": {"deviceNodes": [{"path": "/dev/card", "type": "c", "major": 226, "minor": 1, "permissions": "rwm"}]}}]}
            """);
        var edits = CdiSpecs.Find([_directory.FullName, "/absent"], ["vendor.com/class=zero", "vendor.com/class=card"]);
        var config = CdiInjection.Apply(
            new RuntimeConfig { Process = new RuntimeProcess { Args = ["x"], Cwd = "/", Env = ["A=a"] }, Linux = new LinuxConfig() },
            edits);

        Assert.Equal(["A=b", "COMMON=1"], config.Process!.Env);
        Assert.Equal([44u], config.Process.User.AdditionalGids);
        Assert.Equal([("/dev/mine", "c", 1L, 5L, (uint?)438), ("/dev/card", "c", 226L, 1L, null)], config.Linux!.Devices!.Select(d => (d.Path, d.Type, d.Major, d.Minor, d.FileMode)));
        Assert.Equal([(1L, 5L, "rw"), (226L, 1L, "rwm")], config.Linux.Resources!.Devices!.Select(r => (r.Major!.Value, r.Minor!.Value, r.Access!)));
        Assert.Equal(("/lib/vendor", "/opt/lib"), (config.Mounts[0].Destination, config.Mounts[0].Source));
        Assert.Equal(("/bin/hook", 3), (config.Hooks!.CreateContainer![0].Path, config.Hooks.CreateContainer[0].Timeout));
    }

    [Fact]
    public void VendorsToolsWriteYaml()
    {
        // As nvidia-ctk does.
        Write("nvidia.yaml", """
            ---
            cdiVersion: 0.5.0
            kind: nvidia.com/gpu
            containerEdits: &shared
              env:
              - NVIDIA_VISIBLE_DEVICES=void
              deviceNodes:
              - path: /dev/nvidiactl
                major: 0xc3
                minor: 255
                type: c
                fileMode: 0o666
              hooks:
              - args: [nvidia-ctk, hook, create-symlinks, --link, "lib.so.1::/lib/lib.so"]
                hookName: createContainer
                path: /usr/bin/nvidia-ctk
            devices:
            - name: "0"
              containerEdits:
                deviceNodes:
                - path: /dev/nvidia0
                  type: c
                  major: 195
                  minor: 0
                mounts: ~
            - {name: all, containerEdits: *shared}
            """);
        var edits = CdiSpecs.Find([_directory.FullName], ["nvidia.com/gpu=0"]);
        var config = CdiInjection.Apply(new RuntimeConfig { Process = new RuntimeProcess { Args = ["x"], Cwd = "/", Env = [] }, Linux = new LinuxConfig() }, edits);
        Assert.Equal(["NVIDIA_VISIBLE_DEVICES=void"], config.Process!.Env);
        Assert.Equal([("/dev/nvidiactl", 195L, 255L, (uint?)438), ("/dev/nvidia0", 195L, 0L, null)], config.Linux!.Devices!.Select(d => (d.Path, d.Major, d.Minor, d.FileMode)));
        Assert.Equal(["nvidia-ctk", "hook", "create-symlinks", "--link", "lib.so.1::/lib/lib.so"], config.Hooks!.CreateContainer![0].Args!);
        Assert.True(CdiSpecs.Specifies([_directory.FullName], "nvidia.com/gpu"));
    }

    [Theory]
    [InlineData("kind: [", "bad.yml is no specification of devices: line ")]
    [InlineData("kind: a/b\n---\nkind: a/c\n", "2 documents")]
    [InlineData("a: &a [*a]", "is no specification of devices")]
    [InlineData("kind: 5", "is no specification of devices")]
    public void WhatIsNoYamlIsNamed(string text, string reason)
    {
        Write("bad.yml", text);
        var refusal = Assert.Throws<GantryException>(() => CdiSpecs.Find([_directory.FullName], ["vendor.com/class=x"])).Message;
        Assert.Contains("bad.yml is no specification of devices", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.False(CdiSpecs.Specifies([_directory.FullName], "vendor.com/class"));
    }

    [Fact]
    public void WhatNobodySpecifiesIsNamed()
    {
        Assert.Contains("unresolvable CDI devices vendor.com/class=x", Assert.Throws<GantryException>(() => CdiSpecs.Find([_directory.FullName], ["vendor.com/class=x"])).Message, StringComparison.Ordinal);
        Write("bad.json", """{"kind": 1}""");
        Assert.Contains("bad.json is no specification", Assert.Throws<GantryException>(() => CdiSpecs.Find([_directory.FullName], ["vendor.com/class=x"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GpusAreDevicesOfTheirVendor()
    {
        static IReadOnlyList<string> Names(DeviceRequest request) => CdiInjection.NamesOf(new HostConfig { DeviceRequests = [request] });
        Assert.Equal(["a.b/c=d"], Names(new DeviceRequest { Driver = "cdi", DeviceIDs = ["a.b/c=d"] }));
        Assert.Equal(["nvidia.com/gpu=all"], Names(new DeviceRequest { Count = -1, Capabilities = [["gpu"]] }));
        Assert.Equal(["nvidia.com/gpu=0", "nvidia.com/gpu=1"], Names(new DeviceRequest { Count = 2, Capabilities = [["gpu"]] }));
        Assert.Equal(["nvidia.com/gpu=GPU-1"], Names(new DeviceRequest { DeviceIDs = ["GPU-1"], Capabilities = [["gpu", "compute"]] }));
        Assert.False(CdiInjection.CanAnswer(new DeviceRequest { Driver = "other", Capabilities = [["tpu"]] }, hasGpus: true));
        Assert.False(CdiInjection.CanAnswer(new DeviceRequest { Capabilities = [["gpu"]] }, hasGpus: false));
        Assert.False(CdiSpecs.Specifies([_directory.FullName], "nvidia.com/gpu"));
        Write("gpu.json", """{"kind": "nvidia.com/gpu", "devices": []}""");
        Assert.True(CdiSpecs.Specifies([_directory.FullName], "nvidia.com/gpu"));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory.FullName, name), text);
}

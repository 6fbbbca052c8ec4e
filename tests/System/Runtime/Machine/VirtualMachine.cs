using System.Buffers;
using System.Runtime.InteropServices;
using Gantry.Model.Oci;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Runtime.Machine;

/// <summary>
/// A virtual machine that has booted Debian's kernel with cgroup version 2 alone, has run the containers of
/// <see cref="MachineBundles"/> as <c>steps.sh</c> says, and is off again: a few seconds, without KVM.
/// </summary>
public sealed class VirtualMachine : IAsyncLifetime
{
    private readonly Dictionary<string, string> _sections = new(StringComparer.Ordinal);

    /// <summary>What the machine printed below a heading.</summary>
    public string this[string section]
    {
        get
        {
            Assert.SkipUnless(CanRun, "the virtual machine is an x86-64 one, for programs of this machine");
            return _sections.TryGetValue(section, out var text) ? text : throw new KeyNotFoundException($"the machine never came to \"{section}\":\n{Console}");
        }
    }

    /// <summary>All that it printed.</summary>
    public string Console { get; private set; } = "";

    private static bool CanRun => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!CanRun) return;
        var files = Path.Combine(Repository.Root, "tests/System/Runtime/Machine");
        var kernel = (await Command.RunAsync(files + "/kernel.sh", [])).Succeeded().Text;
        var folder = Directory.CreateTempSubdirectory("gantry-machine-").FullName;
        try
        {
            var root = folder + "/root";
            foreach (var directory in (string[])["bin", "lib64", "modules", "proc", "bundles", "rootfs/bin", "rootfs/proc", "rootfs/dev", "rootfs/sys", "rootfs/tmp"])
                Directory.CreateDirectory($"{root}/{directory}");
            await CopyProgramsAsync(root);
            File.Copy(Directory.GetFiles(kernel, "brd.ko", SearchOption.AllDirectories).Single(), root + "/modules/brd.ko");
            File.Copy(files + "/init.sh", root + "/init");
            File.Copy(files + "/steps.sh", root + "/steps");
            foreach (var (name, config) in MachineBundles.All)
            {
                var output = new ArrayBufferWriter<byte>();
                RuntimeConfigWriter.Write(output, config);
                Directory.CreateDirectory($"{root}/bundles/{name}");
                await File.WriteAllBytesAsync($"{root}/bundles/{name}/config.json", output.WrittenSpan.ToArray());
            }

            (await Command.RunAsync("sh", ["-ec", $"cd {root} && find . | busybox cpio -o -H newc | gzip -1 >{folder}/initrd"])).Succeeded();
            var machine = await Command.RunAsync("qemu-system-x86_64",
            [
                "-accel", "tcg", "-m", "512", "-smp", "2", "-nodefaults", "-nographic", "-no-reboot", "-serial", "stdio",
                "-kernel", Directory.GetFiles(kernel + "/boot", "vmlinuz-*").Single(), "-initrd", folder + "/initrd", "-append", "console=ttyS0 quiet loglevel=1 panic=-1",
            ]);
            Read(machine.Output + machine.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // busybox is static; of the runtime, what the loader would load.
    private static async Task CopyProgramsAsync(string root)
    {
        var runtime = Repository.Program("gantry-runtime");
        File.Copy(runtime, root + "/bin/gantry-runtime");
        File.Copy("/bin/busybox", root + "/bin/busybox");
        File.Copy("/bin/busybox", root + "/rootfs/bin/busybox");
        foreach (var applet in (string[])["sh", "cat", "mkdir", "mknod", "nproc", "sleep", "dd", "echo"])
            File.CreateSymbolicLink($"{root}/rootfs/bin/{applet}", "busybox");
        foreach (var word in (await Command.RunAsync("ldd", [runtime])).Succeeded().Output.Split([' ', '\t', '\n']).Where(word => word.StartsWith('/')))
        {
            Directory.CreateDirectory(root + Path.GetDirectoryName(word));
            File.Copy(File.ResolveLinkTarget(word, returnFinalTarget: true)?.FullName ?? word, root + word);
        }
    }

    private void Read(string console)
    {
        Console = console;
        foreach (var section in console.Replace("\r", "", StringComparison.Ordinal).Split("@@ ").Skip(1))
        {
            var end = section.IndexOf('\n', StringComparison.Ordinal);
            _sections[section[..end]] = section[(end + 1)..];
        }
    }
}

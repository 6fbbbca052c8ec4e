using System.Runtime.InteropServices;

namespace Gantry.Tests.Support.Machine;

/// <summary>
/// A virtual machine that has booted Debian's kernel with cgroup version 2 alone, has run a shell script of steps, and is off
/// again: some seconds, without KVM. <c>init.sh</c> says what the steps find.
/// </summary>
public sealed class VirtualMachine
{
    // What containers, networks and firewalls of an engine need beside what is built in; brd are disks in memory.
    private static readonly string[] _modules =
    [
        "drivers/block/brd.ko", "drivers/net/veth.ko", "fs/overlayfs", "fs/quota", "fs/xfs", "lib/libcrc32c.ko", "net/802", "net/bridge", "net/ipv4/netfilter", "net/ipv6/netfilter", "net/llc", "net/netfilter",
    ];

    private readonly Dictionary<string, string> _sections = new(StringComparer.Ordinal);

    private VirtualMachine(string console)
    {
        Console = console;
        foreach (var section in console.Replace("\r", "", StringComparison.Ordinal).Split("@@ ").Skip(1))
        {
            var end = section.IndexOf('\n', StringComparison.Ordinal);
            _sections[section[..end]] = section[(end + 1)..];
        }
    }

    /// <summary>Whether this machine's programs run in it.</summary>
    public static bool CanRun => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>All that it printed.</summary>
    public string Console { get; }

    /// <summary>What it printed below a heading.</summary>
    public string this[string section] => _sections.TryGetValue(section, out var text) ? text : throw new KeyNotFoundException($"the machine never came to \"{section}\":\n{Console}");

    /// <summary>Boots, runs the steps and waits for the end.</summary>
    /// <param name="steps">The script, by its path in the checkout.</param>
    /// <param name="programs">Files of ours for /bin, with the libraries that they are linked to.</param>
    /// <param name="libraries">Libraries that they load by name.</param>
    /// <param name="applets">What of busybox is in /rootfs/bin, a root filesystem for containers.</param>
    /// <param name="prepare">Adds files to the machine's root.</param>
    /// <exception cref="InvalidOperationException">The kernel cannot be had, or a program is missing.</exception>
    /// <exception cref="TimeoutException">The machine is not off after two minutes.</exception>
    public static async Task<VirtualMachine> RunAsync(string steps, string[] programs, string[] libraries, string[] applets, Action<string>? prepare = null)
    {
        var files = Path.Combine(Repository.Root, "tests/Support/Machine");
        var kernel = (await Command.RunAsync(files + "/kernel.sh", [])).Succeeded().Text;
        var folder = Directory.CreateTempSubdirectory("gantry-machine-").FullName;
        try
        {
            var root = folder + "/root";
            foreach (var directory in (string[])["bin", "proc", "rootfs/bin", "rootfs/dev", "rootfs/etc", "rootfs/proc", "rootfs/sys", "rootfs/tmp"])
                Directory.CreateDirectory($"{root}/{directory}");
            File.Copy(files + "/init.sh", root + "/init");
            File.Copy(Path.Combine(Repository.Root, steps), root + "/steps");
            File.Copy("/bin/busybox", root + "/bin/busybox");
            File.Copy("/bin/busybox", root + "/rootfs/bin/busybox");
            foreach (var applet in applets)
                File.CreateSymbolicLink($"{root}/rootfs/bin/{applet}", "busybox");
            foreach (var program in programs)
                File.Copy(Repository.Program(program), $"{root}/bin/{program}");
            await CopyLibrariesAsync(root, [.. programs.Select(Repository.Program), .. libraries]);
            await CopyModulesAsync(kernel, root);
            prepare?.Invoke(root);
            (await Command.RunAsync("sh", ["-ec", $"cd {root} && find . | busybox cpio -o -H newc | gzip -1 >{folder}/initrd"])).Succeeded();
            var machine = await Command.RunAsync("qemu-system-x86_64",
            [
                "-accel", "tcg", "-m", "1024", "-smp", "2", "-nodefaults", "-nographic", "-no-reboot", "-serial", "stdio",
                "-kernel", Directory.GetFiles(kernel + "/boot", "vmlinuz-*").Single(), "-initrd", folder + "/initrd", "-append", "console=ttyS0 quiet loglevel=1 panic=-1",
            ]);
            return new VirtualMachine(machine.Output + machine.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What the loader would load, and the libraries that are opened by name.
    private static async Task CopyLibrariesAsync(string root, string[] files)
    {
        // Its exit code tells of static programs, which need none.
        var needed = (await Command.RunAsync("ldd", files)).Output.Split([' ', '\t', '\n']).Where(word => word.StartsWith('/') && !word.EndsWith(':'));
        foreach (var library in needed.Concat(files.Where(file => file.StartsWith("/usr/lib", StringComparison.Ordinal))).Distinct())
        {
            Directory.CreateDirectory(root + Path.GetDirectoryName(library));
            File.Copy(File.ResolveLinkTarget(library, returnFinalTarget: true)?.FullName ?? library, root + library, overwrite: true);
        }
    }

    private static async Task CopyModulesAsync(string kernel, string root)
    {
        var source = Directory.GetDirectories(kernel + "/lib/modules").Single();
        var target = root + "/lib/modules/" + Path.GetFileName(source);
        foreach (var module in _modules)
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{target}/kernel/{module}")!);
            (await Command.RunAsync("cp", ["-r", $"{source}/kernel/{module}", $"{target}/kernel/{module}"])).Succeeded();
        }

        (await Command.RunAsync("busybox", ["depmod", "-b", root, Path.GetFileName(source)])).Succeeded();
    }
}

using System.Text;
using Gantry.Engine.Planning;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Runtime.Confine;

/// <summary>Compares our filters with libseccomp's, call by call. Needs cc and libseccomp-dev.</summary>
public sealed class SeccompOracleTests : IDisposable
{
    // Builds the filter that a list of rules describes and writes it out as BPF.
    private const string OracleSource =
        """
        #include <seccomp.h>
        #include <stdio.h>
        #include <string.h>
        int main(void) {
            char word[64], name[128];
            unsigned action;
            scmp_filter_ctx filter = 0;
            while (scanf("%63s", word) == 1) {
                if (!strcmp(word, "default")) {
                    scanf("%x", &action);
                    filter = seccomp_init(action);
                } else if (!strcmp(word, "arch")) {
                    scanf("%127s", name);
                    int result = seccomp_arch_add(filter, seccomp_arch_resolve_name(name));
                    if (result && result != -17) return 2;
                } else {
                    struct scmp_arg_cmp args[6];
                    unsigned count;
                    scanf("%x %127s %u", &action, name, &count);
                    for (unsigned i = 0; i < count; i++) {
                        unsigned index, op;
                        unsigned long long a, b;
                        scanf("%u %u %llu %llu", &index, &op, &a, &b);
                        args[i] = (struct scmp_arg_cmp){ index, op, a, b };
                    }
                    int number = seccomp_syscall_resolve_name(name);
                    if (number == __NR_SCMP_ERROR) continue;
                    int result = seccomp_rule_add_array(filter, action, number, count, args);
                    if (result) { fprintf(stderr, "%s: %d\n", name, result); return 3; }
                }
            }
            return seccomp_export_bpf(filter, 1) ? 4 : 0;
        }
        """;

    private static readonly string[] _operators = ["", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];
    private readonly string _directory = Directory.CreateTempSubdirectory("gantry-test-oracle-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_TIME")]
    public void DockersProfile_AnswersAsLibseccomp(string capabilities)
    {
        Assert.SkipUnless(File.Exists("/usr/include/seccomp.h") && File.Exists("/usr/bin/cc"), "needs cc and libseccomp-dev");
        Assert.True(Compare(SeccompProfile.Default.Resolve(capabilities.Split(' ', StringSplitOptions.RemoveEmptyEntries), new HostFacts()), seed: 1, calls: 60_000), "libseccomp makes a filter of it");
    }

    [Fact]
    public void RandomProfiles_AnswerAsLibseccomp()
    {
        Assert.SkipUnless(File.Exists("/usr/include/seccomp.h") && File.Exists("/usr/bin/cc"), "needs cc and libseccomp-dev");
        string[] names = ["read", "write", "openat", "socket", "clone", "mmap", "ioctl", "personality", "semop", "shmget", "prctl", "kill", "connect", "futex", "ptrace"];
        var compared = 0;
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            // One rule for each call: on several with many conditions libseccomp 2.5 may not return, and which of two that
            // overlap wins is not defined there.
            var rules = names.OrderBy(_ => random.Next()).Take(12).Select(name => new LinuxSyscallRule
            {
                Names = [name],
                Action = "SCMP_ACT_ALLOW",
                Args = random.Next(4) == 0 ? null :
                [
                    .. Enumerable.Range(0, 6).OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(index =>
                    {
                        var value = random.Next(3) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(5);
                        return new LinuxSyscallArg { Index = (uint)index, Op = _operators[random.Next(1, 8)], Value = value, ValueTwo = value & (ulong)random.NextInt64() };
                    }),
                ],
            }).ToList();
            if (Compare(new() { DefaultAction = "SCMP_ACT_ERRNO", Architectures = ["SCMP_ARCH_X86_64"], Syscalls = rules }, seed, calls: 4_000)) compared++;
        }

        Assert.True(compared >= 8, $"libseccomp made a filter of {compared} profiles of 12 only");
    }

    // False when libseccomp did not come to an end with the profile, so that there is nothing to compare.
    private bool Compare(LinuxSeccomp profile, int seed, int calls)
    {
        if (Oracle(profile) is not { } theirs)
            return false;
        var ours = SeccompCompiler.Compile(profile).Program.ToArray();
        BpfInterpreter.Verify(ours);
        var random = new Random(seed);
        var values = (profile.Syscalls ?? []).SelectMany(rule => rule.Args ?? []).SelectMany(arg => new[] { arg.Value, arg.Value + 1, arg.Value - 1, arg.ValueTwo ?? 0 }).Append(0UL).Append(ulong.MaxValue).ToArray();
        (uint Audit, uint Offset, int Newest)[] machines = profile.Architectures!.Count > 1
            ? [(0xC000003E, 0, 456), (0x40000003, 0, 456), (0xC000003E, 0x40000000, 547), (0xC00000B7, 0, 456)]
            : [(0xC000003E, 0, 200), (0xC000003E, 0x40000000, 456), (0x40000003, 0, 456)];
        var arguments = new ulong[6];
        var differences = new List<string>();
        for (var call = 0; call < calls; call++)
        {
            var (audit, offset, newest) = machines[call % machines.Length];
            var number = (uint)random.Next(newest + 1) + offset;
            // Newer than this libseccomp, or than the profile: there we answer ENOSYS and libseccomp the default.
            if ((offset == 0 && audit == 0xC000003E && number is 335 or 336) || (offset == 0 ? number : number - offset) is > 456 and < 512 || (offset == 0 && profile.Architectures.Count == 1 && number > Newest(profile)))
                continue;
            for (var i = 0; i < arguments.Length; i++)
                arguments[i] = random.Next(3) switch { 0 => (ulong)random.NextInt64(), 1 => (ulong)random.Next(64), _ => values[random.Next(values.Length)] };
            // 32-bit programs have 32-bit arguments.
            if (audit == 0x40000003)
                arguments = [.. arguments.Select(argument => argument & 0xFFFF_FFFF)];
            var (expected, actual) = (BpfInterpreter.Run(theirs, audit, number, arguments), BpfInterpreter.Run(ours, audit, number, arguments));
            if (expected != actual)
                differences.Add($"{audit:x} {number:x} ({string.Join(", ", arguments.Select(argument => argument.ToString("x")))}): libseccomp {expected:x}, ours {actual:x}");
        }

        Assert.True(differences.Count == 0, $"seed {seed}: {differences.Count} differences\n{string.Join('\n', differences.Take(10))}");
        return true;
    }

    // The names of the random profiles, by their x86-64 numbers.
    private static uint Newest(LinuxSeccomp profile) => profile.Syscalls!.SelectMany(rule => rule.Names).Max<string, uint>(name => name switch
    {
        "read" => 0u,
        "write" => 1,
        "mmap" => 9,
        "ioctl" => 16,
        "shmget" => 29,
        "socket" => 41,
        "connect" => 42,
        "clone" => 56,
        "kill" => 62,
        "semop" => 65,
        "ptrace" => 101,
        "personality" => 135,
        "prctl" => 157,
        "futex" => 202,
        _ => 257,
    });

    private byte[]? Oracle(LinuxSeccomp profile)
    {
        var program = Path.Combine(_directory, "oracle");
        if (!File.Exists(program))
        {
            File.WriteAllText(program + ".c", OracleSource);
            Run("/usr/bin/cc", ["-o", program, program + ".c", "-lseccomp"], "");
        }

        var rules = new StringBuilder($"default {Action(profile.DefaultAction, profile.DefaultErrnoRet):x}\n");
        foreach (var architecture in profile.Architectures!)
            rules.Append($"arch {architecture["SCMP_ARCH_".Length..].ToLowerInvariant()}\n");
        foreach (var rule in profile.Syscalls!.Where(rule => Action(rule.Action, rule.ErrnoRet) != Action(profile.DefaultAction, profile.DefaultErrnoRet)))
        {
            foreach (var name in rule.Names)
            {
                rules.Append($"rule {Action(rule.Action, rule.ErrnoRet):x} {name} {rule.Args?.Count ?? 0}");
                foreach (var arg in rule.Args ?? [])
                    rules.Append($" {arg.Index} {Array.IndexOf(_operators, arg.Op)} {arg.Value} {arg.ValueTwo ?? 0}");
                rules.Append('\n');
            }
        }

        return Run(program, [], rules.ToString());
    }

    private static uint Action(string action, uint? errno) => action == "SCMP_ACT_ALLOW" ? 0x7FFF0000 : 0x00050000 | (errno ?? 1);

    /// <summary>The program's output; null when it was killed because libseccomp did not come to an end.</summary>
    private static byte[]? Run(string program, string[] arguments, string input)
    {
        var start = new global::System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = global::System.Diagnostics.Process.Start(start)!;
        using var limit = new Timer(_ => process.Kill(), null, 5_000, Timeout.Infinite);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        Assert.True(process.WaitForExit(60_000));
        if (process.ExitCode == 137)
            return null;
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}

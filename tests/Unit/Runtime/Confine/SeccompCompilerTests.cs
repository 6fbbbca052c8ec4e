using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Confine;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Confine;

/// <summary>Filters are run by an interpreter; against libseccomp they are compared in the System tests.</summary>
public sealed class SeccompCompilerTests
{
    private const uint X64 = 0xC000_003E;
    private const uint X86 = 0x4000_0003;
    private const uint Allow = 0x7FFF_0000;
    private const uint Errno = 0x0005_0000;
    private const uint X32Bit = 0x4000_0000;

    private static LinuxSeccomp Docker(params string[] capabilities) => SeccompProfile.Default.Resolve(capabilities, new HostFacts());

    private static uint Run(SeccompFilter filter, uint number, uint architecture = X64, params ulong[] arguments) =>
        BpfInterpreter.Run(filter.Program.Span, architecture, number, arguments);

    private static SeccompFilter One(LinuxSyscallRule rule, string fallback = "SCMP_ACT_ERRNO") =>
        SeccompCompiler.Compile(new() { DefaultAction = fallback, Architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], Syscalls = [rule, new() { Names = ["removexattrat"], Action = "SCMP_ACT_ALLOW" }] });

    [Theory]
    [InlineData(0, Allow)] // read
    [InlineData(165, Errno | 1)] // mount
    [InlineData(435, Errno | 38)] // clone3: ENOSYS makes glibc fall back
    [InlineData(466, Allow)] // removexattrat: the newest of the profile
    [InlineData(467, Errno | 38)] // open_tree_attr: newer than the profile
    [InlineData(100_000, Errno | 38)]
    [InlineData(X32Bit + 0, Allow)]
    [InlineData(X32Bit + 165, Errno | 1)]
    [InlineData(X32Bit + 520, Allow)] // x32's execve
    [InlineData(X32Bit + 467, Errno | 1)] // between the common calls and those of x32's own
    [InlineData(X32Bit + 600, Errno | 38)]
    public void DockersProfile_Answers(uint number, uint action) => Assert.Equal(action, Run(SeccompCompiler.Compile(Docker()), number));

    [Fact]
    public void DockersProfile_LooksAtArguments()
    {
        var filter = SeccompCompiler.Compile(Docker());
        Assert.Equal(Allow, Run(filter, 56, X64, 0x01200011)); // clone of a plain fork
        Assert.Equal(Errno | 1, Run(filter, 56, X64, 0x10000000)); // CLONE_NEWUSER
        Assert.Equal(Allow, Run(filter, 41, X64, 2)); // AF_INET
        Assert.Equal(Errno | 1, Run(filter, 41, X64, 38)); // AF_ALG
        Assert.Equal(Allow, Run(filter, 41, X64, 39));
        Assert.Equal(Errno | 1, Run(filter, 41, X64, 40)); // AF_VSOCK
        Assert.Equal(Errno | 1, Run(filter, 359, X86, 40)); // the same by i386's own number
        Assert.Equal(Allow, Run(filter, 102, X86, 1)); // socketcall
        Assert.Equal(Allow, Run(filter, 135, X64, 0xFFFF_FFFF));
        Assert.Equal(Errno | 1, Run(filter, 135, X64, 0x1_0000_0008)); // personality compares all 64 bits
    }

    [Fact]
    public void Capabilities_OpenCalls()
    {
        var filter = SeccompCompiler.Compile(Docker("CAP_SYS_ADMIN"));
        Assert.Equal(Allow, Run(filter, 165));
        Assert.Equal(Allow, Run(filter, 56, X64, 0x10000000));
        Assert.Equal(Allow, Run(filter, 435));
    }

    [Fact]
    public void ForeignArchitecture_IsKilled() => Assert.Equal(0u, Run(SeccompCompiler.Compile(Docker()), 0, 0xC000_00B7));

    [Fact]
    public void X32_IsKilledUnlessNamed()
    {
        var filter = SeccompCompiler.Compile(new() { DefaultAction = "SCMP_ACT_ALLOW", Architectures = ["SCMP_ARCH_X86_64"] });
        Assert.Equal(Allow, Run(filter, 1));
        Assert.Equal(0u, Run(filter, X32Bit + 1));
    }

    public static TheoryData<string> Operators => ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Operator_ComparesAll64Bits(string op)
    {
        var random = new Random(7);
        ulong[] corners = [0, 1, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000, 0x1_0000_0001, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue - 1, ulong.MaxValue];
        for (var round = 0; round < 60; round++)
        {
            var value = round < corners.Length ? corners[round] : (ulong)random.NextInt64() << random.Next(2) * 32 >> random.Next(33);
            var two = (ulong)random.NextInt64() & value;
            var filter = One(new() { Names = ["read"], Action = "SCMP_ACT_ALLOW", Args = [new() { Index = 5, Value = value, ValueTwo = two, Op = op }] });
            BpfInterpreter.Verify(filter.Program.Span);
            foreach (var argument in corners.Concat([value, value + 1, value - 1, two, value ^ (1UL << 40), (ulong)random.NextInt64(), two | ~value]))
            {
                var holds = op switch
                {
                    "SCMP_CMP_NE" => argument != value,
                    "SCMP_CMP_LT" => argument < value,
                    "SCMP_CMP_LE" => argument <= value,
                    "SCMP_CMP_EQ" => argument == value,
                    "SCMP_CMP_GE" => argument >= value,
                    "SCMP_CMP_GT" => argument > value,
                    _ => (argument & value) == two,
                };
                Assert.True((holds ? Allow : Errno | 1) == Run(filter, 0, X64, 9, 9, 9, 9, 9, argument), $"{argument:x} {op} {value:x} {two:x}");
            }
        }
    }

    [Fact]
    public void Conditions_OnOneArgumentAreAlternatives_OnSeveralAllHold()
    {
        var alternatives = One(new() { Names = ["read"], Action = "SCMP_ACT_ALLOW", Args = [new() { Index = 0, Value = 1, Op = "SCMP_CMP_EQ" }, new() { Index = 0, Value = 2, Op = "SCMP_CMP_EQ" }] });
        Assert.Equal(Allow, Run(alternatives, 0, X64, 1));
        Assert.Equal(Allow, Run(alternatives, 0, X64, 2));
        Assert.Equal(Errno | 1, Run(alternatives, 0, X64, 3));
        var both = One(new() { Names = ["read"], Action = "SCMP_ACT_ALLOW", Args = [new() { Index = 0, Value = 1, Op = "SCMP_CMP_EQ" }, new() { Index = 1, Value = 2, Op = "SCMP_CMP_EQ" }] });
        Assert.Equal(Allow, Run(both, 0, X64, 1, 2));
        Assert.Equal(Errno | 1, Run(both, 0, X64, 1, 3));
    }

    [Theory]
    [InlineData("SCMP_ACT_KILL", null, 0u)]
    [InlineData("SCMP_ACT_KILL_THREAD", null, 0u)]
    [InlineData("SCMP_ACT_KILL_PROCESS", null, 0x80000000u)]
    [InlineData("SCMP_ACT_TRAP", null, 0x00030000u)]
    [InlineData("SCMP_ACT_ERRNO", null, 0x00050001u)]
    [InlineData("SCMP_ACT_ERRNO", 13u, 0x0005000du)]
    [InlineData("SCMP_ACT_TRACE", 7u, 0x7ff00007u)]
    [InlineData("SCMP_ACT_LOG", null, 0x7ffc0000u)]
    public void Actions_AreTheKernels(string action, uint? errno, uint number) =>
        Assert.Equal(number, Run(One(new() { Names = ["read"], Action = action, ErrnoRet = errno }, "SCMP_ACT_ALLOW"), 0));

    [Fact]
    public void Notify_AsksForAListener()
    {
        var filter = SeccompCompiler.Compile(new() { DefaultAction = "SCMP_ACT_ALLOW", ListenerPath = "/l", Flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"], Syscalls = [new() { Names = ["mount"], Action = "SCMP_ACT_NOTIFY" }] });
        Assert.Equal(0x7FC0_0000u, Run(filter, 165));
        Assert.True(filter.NeedsListener);
        Assert.Equal(0b101000u, filter.Flags);
    }

    [Fact]
    public void ManyRules_StayWithinFarJumps()
    {
        // So many conditions that no branch reaches its target without help.
        var rules = Enumerable.Range(0, 300).Select(i => new LinuxSyscallRule { Names = ["read"], Action = "SCMP_ACT_ALLOW", Args = [new() { Index = 1, Value = (ulong)i * 3, Op = "SCMP_CMP_EQ" }] }).ToList();
        var filter = SeccompCompiler.Compile(new() { DefaultAction = "SCMP_ACT_ERRNO", Syscalls = [.. rules, new() { Names = ["write"], Action = "SCMP_ACT_ALLOW" }] });
        BpfInterpreter.Verify(filter.Program.Span);
        for (var i = 0u; i < 900; i++)
            Assert.Equal(i % 3 == 0 ? Allow : Errno | 1, Run(filter, 0, X64, 0, i));
        Assert.Equal(Allow, Run(filter, 1));
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => SeccompCompiler.Compile(new() { DefaultAction = "SCMP_ACT_ERRNO", Syscalls = [.. Enumerable.Range(0, 2000).Select(i => new LinuxSyscallRule { Names = ["read"], Action = "SCMP_ACT_ALLOW", Args = [new() { Index = 1, Value = (ulong)i, Op = "SCMP_CMP_EQ" }] })] })).Kind);
    }

    [Theory]
    [InlineData("SCMP_ACT_FLY", "SCMP_ARCH_X86_64", "\"SCMP_ACT_FLY\" is not an action")]
    [InlineData("SCMP_ACT_NOTIFY", "SCMP_ARCH_X86_64", "cannot be the default action")]
    [InlineData("SCMP_ACT_ALLOW", "SCMP_ARCH_VAX", "\"SCMP_ARCH_VAX\" is not an architecture")]
    public void BadProfiles_AreNamed(string action, string architecture, string message) =>
        Assert.Contains(message, Assert.Throws<GantryException>(() => SeccompCompiler.Compile(new() { DefaultAction = action, Architectures = [architecture] })).Message, StringComparison.Ordinal);
}

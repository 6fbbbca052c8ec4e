using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Launch;

/// <summary>The guard over a forked child's code can fail: made-up listings, each with one thing that hangs a launch.</summary>
public sealed class ChildCodeGuardTests
{
    private const ulong Interpreter = 0x83340;

    [Theory]
    [InlineData("mov    %rdi,%rbx")]
    [InlineData("call   *%r13")]
    [InlineData("call   *-0x2(%r12)")]
    [InlineData("call   83340 <interpreter>")]
    [InlineData("je     837a9 <clone+0x9>")]
    [InlineData("rep stos %rax,%es:(%rdi)")]
    public void WhatAChildMayDo(string instruction) => Assert.Empty(Check(instruction));

    [Theory]
    [InlineData("call   74050 <RhpGcPoll>", "calls other code")]
    [InlineData("cmpl   $0x0,0x2ce4e9(%rip)        # 351c30 <RhpTrapThreads>", "reads a static")]
    [InlineData("mov    %fs:0x0,%rax", "touches thread-local storage")]
    [InlineData("call   *0x2ce4e9(%rip)        # 351c30", "reads a static")]
    [InlineData("call   *0x18(%rax)", "goes where a word of memory says")]
    [InlineData("jmp    *%rax", "goes where a word of memory says")]
    [InlineData("jmp    74050 <RhpGcPoll>", "jumps to other code")]
    [InlineData("lock cmpxchg %rcx,%fs:(%rdx)", "touches thread-local storage")]
    public void WhatHangsAChild(string instruction, string problem) => Assert.EndsWith(problem, Assert.Single(Check(instruction)), StringComparison.Ordinal);

    [Fact]
    public void AListingOfSomethingElseProvesNothing()
    {
        Assert.Throws<InvalidDataException>(() => ChildCodeGuard.FindViolations("no such section", (0x837a0, 0x837c0), Interpreter));
        Assert.Throws<InvalidDataException>(() => ChildCodeGuard.FindViolations(Listing("nop"), (0x83000, 0x837c0), Interpreter));
    }

    private static IReadOnlyList<string> Check(string instruction) => ChildCodeGuard.FindViolations(Listing(instruction), (0x837a0, 0x837c0), Interpreter);

    private static string Listing(string instruction) =>
        $"""

        gantry-runtime:     file format elf64-x86-64

        Disassembly of section __managedcode:

        00000000000837a0 <clone>:
           837a0:{'\t'}push   %rbp
           837a1:{'\t'}{instruction}
           837ac:{'\t'}call   *%rax
           837bf:{'\t'}ret
        """;
}

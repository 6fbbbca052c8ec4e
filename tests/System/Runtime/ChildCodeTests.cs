using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Runtime;

/// <summary>
/// Disassembles what of the published runtime runs in a forked child. The compiler may put a poll for the collector into any
/// method, and a child that meets one waits for ever, once in some hundred launches: no other test would tell.
/// </summary>
public sealed class ChildCodeTests
{
    private const string InterpreterSymbol = "ChildInterpreter__Run";
    private const string ForkSymbol = "ForkedChild__Clone";

    [Fact]
    public async Task AForkedChildRunsNothingButSystemCalls()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the guard reads x86-64");
        var interpreter = await FindAsync(InterpreterSymbol);
        var fork = await FindAsync(ForkSymbol);
        Assert.Empty(ChildCodeGuard.FindViolations(await DisassembleAsync(interpreter), interpreter));
        Assert.Empty(ChildCodeGuard.FindViolations(await DisassembleAsync(fork), fork, interpreter.Start));
    }

    private static async Task<(ulong Start, ulong End)> FindAsync(string symbol)
    {
        // Names are in the file of symbols that publishing leaves beside the program.
        var names = (await Command.RunAsync("nm", ["--print-size", Repository.Root + "/artifacts/publish/gantry-runtime/gantry-runtime.dbg"])).Succeeded().Output;
        var fields = Assert.Single(names.Split('\n').Select(line => line.Split(' ')), line => line.Length == 4 && line[2] is "t" or "T" && line[3].EndsWith("_" + symbol, StringComparison.Ordinal));
        var start = ulong.Parse(fields[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (start, start + ulong.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static async Task<string> DisassembleAsync((ulong Start, ulong End) function) =>
        (await Command.RunAsync("objdump", ["--disassemble", "--no-show-raw-insn", $"--start-address=0x{function.Start:x}", $"--stop-address=0x{function.End:x}", Repository.Program("gantry-runtime")])).Succeeded().Output;
}

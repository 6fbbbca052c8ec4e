using System.Globalization;
using System.Text.RegularExpressions;

namespace Gantry.Tests.Support;

/// <summary>
/// Reads the machine code of what runs in a forked child, as objdump lists it, and finds what must not be there: a child has no
/// collector to wait for, no thread-local storage to trust and no other thread to take a lock from.
/// </summary>
public static partial class ChildCodeGuard
{
    /// <summary>What breaks the rules; empty when all is well.</summary>
    /// <param name="listing">The output of <c>objdump -d --no-show-raw-insn</c> for x86-64, of one function.</param>
    /// <param name="function">Where the function begins and ends (exclusive).</param>
    /// <param name="callable">Addresses that may be called directly.</param>
    /// <exception cref="InvalidDataException">The listing is not the whole function: there is nothing to judge.</exception>
    public static IReadOnlyList<string> FindViolations(string listing, (ulong Start, ulong End) function, params ReadOnlySpan<ulong> callable)
    {
        var violations = new List<string>();
        var calls = 0;
        ulong first = 0, last = 0;
        foreach (Match line in Instruction().Matches(listing))
        {
            var address = ulong.Parse(line.Groups["address"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            first = first == 0 ? address : first;
            last = address;
            var name = line.Groups["name"].Value;
            var operands = line.Groups["operands"].Value;
            if (name.StartsWith("call", StringComparison.Ordinal)) calls++;
            if (Problem(name, operands, function, callable) is { } problem) violations.Add($"{line.Value.Trim()}: {problem}");
        }

        if (first != function.Start || last < function.End - 16 || calls == 0)
            throw new InvalidDataException($"the listing is not that of the function at {function.Start:x}:\n{listing}");
        return violations;
    }

    private static string? Problem(string name, string operands, (ulong Start, ulong End) function, ReadOnlySpan<ulong> callable)
    {
        if (operands.Contains("%fs:", StringComparison.Ordinal) || operands.Contains("%gs:", StringComparison.Ordinal)) return "touches thread-local storage";
        // RhpTrapThreads, the flag of a poll for the collector, is such a word; strings and statics with initializers are others.
        if (operands.Contains("(%rip)", StringComparison.Ordinal)) return "reads a static";
        var isCall = name.StartsWith("call", StringComparison.Ordinal);
        if (!isCall && name[0] != 'j') return null;
        // NOTE: *-0x2(register) is the other half of a call through a managed function pointer, for pointers marked by their
        // second bit; that of a C function is not, and the branch is never taken.
        if (operands[0] == '*') return isCall && ThroughRegister().IsMatch(operands) ? null : "goes where a word of memory says";
        var target = ulong.Parse(operands.Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (isCall) return callable.Contains(target) ? null : "calls other code";
        return target >= function.Start && target < function.End ? null : "jumps to other code";
    }

    [GeneratedRegex(@"^\s+(?<address>[0-9a-f]+):\s+(?:(?:rep|repz|lock|bnd|notrack)\s+)*(?<name>\S+)[ \t]*(?<operands>.*)$", RegexOptions.Multiline)]
    private static partial Regex Instruction();

    [GeneratedRegex(@"^\*(?:-0x2\()?%r[a-z0-9]+\)?$")]
    private static partial Regex ThroughRegister();
}

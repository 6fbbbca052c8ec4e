using System.Globalization;

namespace Gantry.Runtime.Confine;

/// <summary>The system calls of one architecture, by name.</summary>
internal sealed partial class SyscallTable
{
    private readonly Dictionary<string, uint> _numbers = new(512, StringComparer.Ordinal);

    private SyscallTable(string text)
    {
        var next = 0u;
        foreach (var range in text.AsSpan().SplitAny(' ', '\n'))
        {
            var word = text.AsSpan(range);
            if (word.IsEmpty)
                continue;
            if (word[0] == '@')
                next = uint.Parse(word[1..], NumberStyles.None, CultureInfo.InvariantCulture);
            else
                _numbers.Add(word.ToString(), next++);
        }
    }

    public static SyscallTable X64 => field ??= new(X64Text);

    public static SyscallTable X86 => field ??= new(X86Text);

    public static SyscallTable X32 => field ??= new(X32Text);

    public static SyscallTable Arm64 => field ??= new(Arm64Text);

    public static SyscallTable Arm => field ??= new(ArmText);

    /// <summary>Every name with its number.</summary>
    public IReadOnlyDictionary<string, uint> Numbers => _numbers;

    /// <summary>The number of a call, or null: this architecture does not have it.</summary>
    public uint? Find(string name) => _numbers.TryGetValue(name, out var number) ? number : null;
}

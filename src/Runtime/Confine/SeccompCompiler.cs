using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>
/// Compiles the seccomp part of a runtime config to BPF. Pure. The filter picks the architecture, finds the call's number by
/// a balanced search over ranges of numbers with the same answer, and only then looks at arguments.
/// </summary>
/// <remarks>
/// Answers are libseccomp's, with runc's additions: rules that repeat the default action are dropped, conditions on the same
/// argument are alternatives, and a call newer than any the profile knows gets ENOSYS, so that programs fall back to older
/// calls instead of failing. The first rule without conditions wins over any with; among those with, the first that matches.
/// </remarks>
public static class SeccompCompiler
{
    // struct seccomp_data: nr, arch, instruction pointer (64 bits), then six arguments of 64 bits. Little-endian: low half first.
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint ArgumentsOffset = 16;
    private const int MaxArguments = 6;

    /// <summary>Compiles a filter for this machine.</summary>
    /// <exception cref="GantryException">Invalid: an unknown action, operator, architecture or flag; a filter that is too long.</exception>
    public static SeccompFilter Compile(LinuxSeccomp seccomp)
    {
        ArgumentNullException.ThrowIfNull(seccomp);
        var profile = new Profile(seccomp);
        var program = new BpfProgram();
        // A program of an architecture that the profile does not name is killed, as libseccomp does.
        var start = program.Return(SeccompAction.KillThread);
        foreach (var group in profile.Architectures.GroupBy(architecture => architecture.Audit).Reverse())
        {
            var body = Architecture(program, profile, [.. group]);
            start = program.IfEqual(group.Key, body, start);
        }

        program.Load(ArchitectureOffset, start);
        return new(program.ToBytes(), profile.Flags);
    }

    // x86-64 and x32 share AUDIT_ARCH; a bit in the number tells them apart.
    private static int Architecture(BpfProgram program, Profile profile, List<SeccompArchitecture> group)
    {
        var ranges = new List<(uint First, Answer Answer)>();
        foreach (var architecture in group.OrderBy(architecture => architecture == SeccompArchitecture.X32))
        {
            var offset = architecture == SeccompArchitecture.X32 ? SeccompArchitecture.X32Bit : 0;
            Append(ranges, profile, architecture, offset);
        }

        if (group.Contains(SeccompArchitecture.X64) && !group.Contains(SeccompArchitecture.X32))
            ranges.Add((SeccompArchitecture.X32Bit, new(SeccompAction.KillThread)));
        if (group is [{ } only] && only == SeccompArchitecture.X32)
            ranges.Insert(0, (0, new(SeccompAction.KillThread)));

        var body = Search(program, ranges, 0, ranges.Count);
        return program.Load(NumberOffset, body);
    }

    private static void Append(List<(uint First, Answer Answer)> ranges, Profile profile, SeccompArchitecture architecture, uint offset)
    {
        var newest = profile.NewestOf(architecture) + offset;
        var (known, unknown) = (new Answer(profile.DefaultAction), new Answer(SeccompAction.Errno | Kernel.Abi.Errno.ENOSYS));
        var next = offset;
        foreach (var (number, answer) in profile.Answers(architecture).OrderBy(pair => pair.Key))
        {
            Gap(next, number + offset);
            Add(number + offset, answer);
            next = number + offset + 1;
        }

        Gap(next, uint.MaxValue);

        // Numbers without a rule: the default action, or ENOSYS above the newest call that the profile knows.
        void Gap(uint from, uint to)
        {
            if (from < to)
                Add(from, from > newest ? unknown : known);
            if (from <= newest && newest + 1 < to)
                Add(newest.Value + 1, unknown);
        }

        // A range ends where the next begins; neighbours with one answer become one.
        void Add(uint first, Answer answer)
        {
            if (ranges.Count == 0 || first == offset || !ranges[^1].Answer.Same(answer))
                ranges.Add((first, answer));
        }
    }

    private static int Search(BpfProgram program, List<(uint First, Answer Answer)> ranges, int from, int to)
    {
        if (to - from == 1)
            return Leaf(program, ranges[from].Answer);
        var middle = (from + to) / 2;
        var above = Search(program, ranges, middle, to);
        var below = Search(program, ranges, from, middle);
        return program.IfGreaterOrEqual(ranges[middle].First, above, below);
    }

    private static int Leaf(BpfProgram program, Answer answer)
    {
        var place = program.Return(answer.Action);
        foreach (var rule in Enumerable.Reverse(answer.Rules))
        {
            var failed = place;
            place = program.Return(rule.Action);
            foreach (var condition in Enumerable.Reverse(rule.Conditions))
                place = Compare(program, condition, answer.Is32Bit, place, failed);
        }

        return place;
    }

    /// <summary>Compares a 64-bit argument, in halves, as BPF has 32 bits: the high half decides unless it is equal.</summary>
    private static int Compare(BpfProgram program, LinuxSyscallArg condition, bool is32Bit, int yes, int no)
    {
        var low = ArgumentsOffset + (condition.Index * 8);
        var high = low + 4;
        uint lowValue = (uint)condition.Value, highValue = (uint)(condition.Value >> 32);
        switch (condition.Op)
        {
            case "SCMP_CMP_NE":
                return Equal(no, yes);
            case "SCMP_CMP_EQ":
                return Equal(yes, no);
            case "SCMP_CMP_GE":
                return Ordered(orEqual: true, yes, no);
            case "SCMP_CMP_LT":
                return Ordered(orEqual: true, no, yes);
            case "SCMP_CMP_GT":
                return Ordered(orEqual: false, yes, no);
            case "SCMP_CMP_LE":
                return Ordered(orEqual: false, no, yes);
            case "SCMP_CMP_MASKED_EQ":
                return Masked();
            default:
                throw GantryException.Of(ErrorKind.Invalid, $"seccomp: \"{condition.Op}\" is not an operator: they are like SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ");
        }

        int Equal(int then, int otherwise)
        {
            var place = program.Load(low, program.IfEqual(lowValue, then, otherwise));
            return is32Bit ? place : program.Load(high, program.IfEqual(highValue, place, otherwise));
        }

        int Ordered(bool orEqual, int then, int otherwise)
        {
            var place = program.Load(low, orEqual ? program.IfGreaterOrEqual(lowValue, then, otherwise) : program.IfGreater(lowValue, then, otherwise));
            return is32Bit ? place : program.Load(high, program.IfGreater(highValue, then, program.IfEqual(highValue, place, otherwise)));
        }

        int Masked()
        {
            var wanted = condition.ValueTwo ?? 0;
            var place = program.Load(low, program.And(lowValue, program.IfEqual((uint)wanted, yes, no)));
            return is32Bit || (highValue == 0 && wanted >> 32 == 0) ? place : program.Load(high, program.And(highValue, program.IfEqual((uint)(wanted >> 32), place, no)));
        }
    }

    private sealed record Rule(uint Action, IReadOnlyList<LinuxSyscallArg> Conditions);

    /// <summary>What one call gets: the first rule that matches, else an action.</summary>
    private sealed class Answer(uint action, bool is32Bit = false)
    {
        public uint Action { get; set; } = action;

        /// <summary>A rule without conditions was met: those with conditions no longer count.</summary>
        public bool Settled { get; set; }

        public bool Is32Bit { get; } = is32Bit;

        public List<Rule> Rules { get; } = [];

        public bool Same(Answer other) => Rules.Count == 0 && other.Rules.Count == 0 && Action == other.Action;
    }

    /// <summary>A profile with its words turned into numbers.</summary>
    private sealed class Profile
    {
        private readonly LinuxSeccomp _seccomp;
        private readonly bool _answersNew;

        public Profile(LinuxSeccomp seccomp)
        {
            _seccomp = seccomp;
            // defaultErrnoRet goes with a default of ERRNO or TRACE; elsewhere old profiles carry it without meaning.
            DefaultAction = SeccompAction.Of(seccomp.DefaultAction, seccomp.DefaultAction is "SCMP_ACT_ERRNO" or "SCMP_ACT_TRACE" ? seccomp.DefaultErrnoRet : null);
            Architectures = [SeccompArchitecture.Native];
            foreach (var name in seccomp.Architectures ?? [])
            {
                if (!SeccompArchitecture.TryFind(name, out var architecture))
                    throw GantryException.Of(ErrorKind.Invalid, $"seccomp: \"{name}\" is not an architecture: they are like SCMP_ARCH_X86_64");
                if (architecture is not null && !Architectures.Contains(architecture))
                    Architectures.Add(architecture);
            }

            foreach (var rule in seccomp.Syscalls ?? [])
            {
                SeccompAction.Of(rule.Action, rule.ErrnoRet);
                foreach (var arg in rule.Args ?? [])
                    Check(rule, arg);
            }

            if (DefaultAction == SeccompAction.Notify)
                throw GantryException.Of(ErrorKind.Invalid, "seccomp: SCMP_ACT_NOTIFY cannot be the default action: the process could not even report that it is ready");
            _answersNew = DefaultAction is not (SeccompAction.Allow or SeccompAction.Log) && DefaultAction != (SeccompAction.Errno | Kernel.Abi.Errno.ENOSYS);
            Flags = SeccompFlags.Of(seccomp);
        }

        public uint DefaultAction { get; }

        public List<SeccompArchitecture> Architectures { get; }

        public uint Flags { get; }

        /// <summary>The highest number among the calls the profile names, or null when newer ones get the default action.</summary>
        public uint? NewestOf(SeccompArchitecture architecture)
        {
            if (!_answersNew)
                return null;
            uint? newest = null;
            foreach (var rule in _seccomp.Syscalls ?? [])
            {
                foreach (var name in rule.Names)
                {
                    // 32-bit ARM keeps a few private calls far above all others, which say nothing of age.
                    if (architecture.Syscalls().Find(name) is { } number && number < 0xF0000 && !(number <= newest))
                        newest = number;
                }
            }

            return newest;
        }

        public Dictionary<uint, Answer> Answers(SeccompArchitecture architecture)
        {
            var answers = new Dictionary<uint, Answer>();
            var table = architecture.Syscalls();
            foreach (var rule in _seccomp.Syscalls ?? [])
            {
                var action = SeccompAction.Of(rule.Action, rule.ErrnoRet);
                if (action == DefaultAction)
                    continue;
                foreach (var name in rule.Names)
                {
                    if (table.Find(name) is { } number)
                        Add(answers, number, action, rule.Args, architecture.Is32Bit);
                    // Arguments of a multiplexed call lie in memory, where no filter can look: conditions cannot be kept there.
                    if (rule.Args is null or { Count: 0 } && architecture.Multiplexed(name) is var (call, first) && table.Find(call) is { } common)
                        Add(answers, common, action, [new() { Index = 0, Value = first, Op = "SCMP_CMP_EQ" }], architecture.Is32Bit);
                }
            }

            return answers;
        }

        private void Add(Dictionary<uint, Answer> answers, uint number, uint action, IReadOnlyList<LinuxSyscallArg>? args, bool is32Bit)
        {
            if (!answers.TryGetValue(number, out var answer))
                answers.Add(number, answer = new(DefaultAction, is32Bit));
            if (answer.Settled)
                return;
            if (args is null or { Count: 0 })
            {
                answer.Action = action;
                answer.Settled = true;
                answer.Rules.Clear();
            }
            else if (args.GroupBy(arg => arg.Index).Any(group => group.Count() > 1))
            {
                answer.Rules.AddRange(args.Select(arg => new Rule(action, [arg])));
            }
            else
            {
                answer.Rules.Add(new(action, args));
            }
        }

        private static void Check(LinuxSyscallRule rule, LinuxSyscallArg arg)
        {
            var calls = string.Join(", ", rule.Names.Take(3));
            if (arg.Index >= MaxArguments)
                throw GantryException.Of(ErrorKind.Invalid, $"seccomp: the rule for {calls} compares argument {arg.Index}; they count from 0 to {MaxArguments - 1}");
            if (arg.Op is not ("SCMP_CMP_NE" or "SCMP_CMP_LT" or "SCMP_CMP_LE" or "SCMP_CMP_EQ" or "SCMP_CMP_GE" or "SCMP_CMP_GT" or "SCMP_CMP_MASKED_EQ"))
                throw GantryException.Of(ErrorKind.Invalid, $"seccomp: \"{arg.Op}\" in the rule for {calls} is not an operator: they are like SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ");
        }
    }
}

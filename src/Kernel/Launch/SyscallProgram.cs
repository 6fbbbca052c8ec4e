using System.Runtime.InteropServices;
using System.Text;
using Gantry.Model;

namespace Gantry.Kernel.Launch;

/// <summary>
/// What a forked child does, as data: system calls in order, and the bytes they point to. Everything is decided while it is
/// built, by ordinary code; the child only walks it (see <see cref="ChildInterpreter"/>). Not for several threads at once.
/// </summary>
public sealed class SyscallProgram
{
    private readonly List<Operation> _operations = [];
    private readonly List<LaunchStep> _steps = [];
    private readonly List<(int At, int Target)> _pointers = [];
    private readonly Dictionary<string, Argument> _texts = new(StringComparer.Ordinal);
    private byte[] _data = new byte[4096];
    private int _length;

    /// <summary>The operations, in order.</summary>
    public IReadOnlyList<Operation> Operations => _operations;

    /// <summary>What the operations are about, for messages.</summary>
    public IReadOnlyList<LaunchStep> Steps => _steps;

    internal IReadOnlyList<(int At, int Target)> Pointers => _pointers;

    internal ReadOnlySpan<byte> Data => _data.AsSpan(0, _length);

    /// <summary>Begins a step: the operations that follow belong to it.</summary>
    /// <param name="stage">Where in the launch it is.</param>
    /// <param name="what">What is being done, for the error: <c>mount /proc</c>.</param>
    public void Step(LaunchStage stage, string what) => _steps.Add(new LaunchStep(stage, what));

    /// <summary>Adds a system call.</summary>
    public Operation Call(int number, Argument a = default, Argument b = default, Argument c = default, Argument d = default, Argument e = default, Argument f = default) =>
        Add(number, [a, b, c, d, e, f]);

    /// <summary>From here on failures are written to another descriptor.</summary>
    public void ReportTo(int descriptor) => Add(ChildInterpreter.ReportTo, [descriptor, 0, 0, 0, 0, 0]);

    /// <summary>Jumps (<see cref="Operation.OnSuccessGoHere"/>) when an operation before has filled a register.</summary>
    public Operation SkipIfSet(int register) => Add(ChildInterpreter.SkipIfSet, [register, 0, 0, 0, 0, 0]);

    /// <summary>A zero-terminated string; equal strings are kept once. The data is read-only for the child.</summary>
    public Argument Text(string text)
    {
        if (_texts.TryGetValue(text, out var known)) return known;
        var place = Reserve(Encoding.UTF8.GetByteCount(text) + 1);
        Encoding.UTF8.GetBytes(text, _data.AsSpan((int)place.Value));
        return _texts[text] = place;
    }

    /// <summary>Bytes, aligned to eight.</summary>
    public Argument Bytes(ReadOnlySpan<byte> bytes)
    {
        var place = Reserve(bytes.Length);
        bytes.CopyTo(_data.AsSpan((int)place.Value));
        return place;
    }

    /// <summary>Numbers of 64 bits.</summary>
    public Argument Longs(params ReadOnlySpan<ulong> values) => Bytes(MemoryMarshal.AsBytes(values));

    /// <summary>Numbers of 32 bits.</summary>
    public Argument Ints(params ReadOnlySpan<uint> values) => Bytes(MemoryMarshal.AsBytes(values));

    /// <summary>Zeroes, aligned to eight: a buffer.</summary>
    public Argument Reserve(int sizeBytes)
    {
        var at = (_length + 7) & ~7;
        var end = at + sizeBytes;
        if (end > _data.Length) Array.Resize(ref _data, Math.Max(end, _data.Length * 2));
        _length = end;
        return new Argument(ArgumentKind.Data, at);
    }

    /// <summary>A null-terminated array of pointers, as argv and envp are.</summary>
    public Argument TextArray(IReadOnlyList<Argument> texts)
    {
        var place = Reserve((texts.Count + 1) * 8);
        for (var i = 0; i < texts.Count; i++) PointTo(place, i * 8, texts[i]);
        return place;
    }

    /// <summary>Stores the address of one piece of data in another.</summary>
    public void PointTo(Argument block, int offset, Argument target) => _pointers.Add(((int)block.Value + offset, (int)target.Value));

    /// <summary>The string at a place, for tests and logs.</summary>
    public string TextAt(Argument place)
    {
        var data = Data[(int)place.Value..];
        return Encoding.UTF8.GetString(data[..data.IndexOf((byte)0)]);
    }

    /// <summary>The bytes at a place, for tests and logs.</summary>
    public ReadOnlySpan<byte> BytesAt(Argument place, int count) => Data.Slice((int)place.Value, count);

    private Operation Add(long number, Argument[] arguments)
    {
        if (_steps.Count == 0) Step(LaunchStage.Namespaces, "start");
        var operation = new Operation(this, _operations.Count, number, _steps.Count - 1, arguments);
        _operations.Add(operation);
        return operation;
    }
}

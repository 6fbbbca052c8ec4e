using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;

namespace Gantry.Kernel.Launch;

/// <summary>
/// A program laid out for the child in memory that parent and child share, so that the parent can still fill a reserved
/// place (<see cref="Write"/>) while the child waits.
/// </summary>
internal sealed unsafe partial class ChildArena : SafeHandle
{
    private const int ProtReadWrite = 3;
    private const int MapSharedAnonymous = 0x21;
    private readonly nuint _size;
    private readonly int _dataOffset;
    private readonly int _dataLength;

    public ChildArena(SyscallProgram program, int reportDescriptor)
        : base(-1, ownsHandle: true)
    {
        var count = program.Operations.Count;
        _dataOffset = (sizeof(ChildContext) + ((count + 1) * sizeof(ChildOperation)) + 7) & ~7;
        _dataLength = program.Data.Length;
        _size = (nuint)(_dataOffset + _dataLength);
        var memory = NativeMmap(0, _size, ProtReadWrite, MapSharedAnonymous, -1, 0);
        if (memory == -1) throw new SyscallException("mmap", Marshal.GetLastPInvokeError());
        SetHandle(memory);

        var context = (ChildContext*)memory;
        context->Syscall = (delegate*<long, long, long, long, long, long, long, long>)SyscallAddress;
        context->First = (ChildOperation*)(context + 1);
        context->WriteNumber = SyscallNumbers.Write;
        context->ExitNumber = SyscallNumbers.ExitGroup;
        context->ReportDescriptor = reportDescriptor;
        for (var i = 0; i < count; i++) Fill(context->First + i, program.Operations[i]);
        context->First[count].Number = ChildInterpreter.Return;
        program.Data.CopyTo(new Span<byte>((byte*)memory + _dataOffset, _dataLength));
        foreach (var (at, target) in program.Pointers) *(nint*)(memory + _dataOffset + at) = memory + _dataOffset + target;
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    public ChildContext* Context => (ChildContext*)handle;

    private static nint SyscallAddress
    {
        get
        {
            if (field == 0)
            {
                field = NativeDlsym(0, "syscall");
                if (field == 0) throw new InvalidOperationException("libc has no function \"syscall\"");
            }

            return field;
        }
    }

    /// <summary>Fills a reserved place; what does not fit is an error of the caller.</summary>
    public void Write(Argument place, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)place.Value + bytes.Length, _dataLength);
        bytes.CopyTo(new Span<byte>((byte*)handle + _dataOffset + place.Value, bytes.Length));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => NativeMunmap(handle, _size) == 0;

    private void Fill(ChildOperation* to, Operation from)
    {
        to->Number = from.Number;
        to->Step = from.Step;
        foreach (var errno in from.Ignored)
        {
            if (errno < 64) to->IgnoredBelow64 |= 1UL << errno;
            else to->IgnoredFrom64 |= 1UL << (errno - 64);
        }

        if (from.IgnoresAll) to->IgnoredBelow64 = to->IgnoredFrom64 = ulong.MaxValue;
        to->SkipOnSuccess = from.SkipOnSuccess;
        to->SkipOnIgnored = from.SkipOnIgnored;
        to->Save = from.Register;
        to->Least = from.Least;
        for (var i = 0; i < 6; i++)
        {
            var argument = from.Arguments[i];
            if (argument.Kind == ArgumentKind.Register) to->RegisterMask |= 1 << i;
            (&to->A)[i] = argument.Kind == ArgumentKind.Data ? handle + _dataOffset + (nint)argument.Value : (nint)argument.Value;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint NativeMmap(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int NativeMunmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "dlsym", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeDlsym(nint handle, string symbol);
}

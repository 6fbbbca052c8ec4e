using System.Runtime.CompilerServices;

namespace Gantry.Kernel.Launch;

/// <summary>
/// The only code of ours that runs in a forked child. It walks the operations and reports the first that fails.
/// </summary>
/// <remarks>
/// Rules, each of which has hung a launch when broken (a forked child has no collector, no other threads, and perhaps locked
/// locks): nothing but pointers and the one function pointer; no call of another method, no allocation, no static with an
/// initializer, no P/Invoke (its return polls for a collection that would never end). A test disassembles this method.
/// AggressiveOptimization keeps a JIT from instrumenting or replacing it.
/// </remarks>
internal static unsafe class ChildInterpreter
{
    /// <summary>Operation that ends the walk: used in the parent only, to have the method compiled before the first fork.</summary>
    public const long Return = -1;

    /// <summary>Operation that changes where failures are written.</summary>
    public const long ReportTo = -2;

    /// <summary>Operation that jumps when a register was filled.</summary>
    public const long SkipIfSet = -3;

    private const int EINTR = 4;
    private const int EPIPE = 32;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Run(ChildContext* context)
    {
        var op = context->First;
        while (true)
        {
            if (op->Number == Return) return;
            if (op->Number == ReportTo)
            {
                context->ReportDescriptor = op->A;
                op++;
                continue;
            }

            if (op->Number == SkipIfSet)
            {
                op += context->Registers[op->A] != 0 ? 1 + op->SkipOnSuccess : 1;
                continue;
            }

            var mask = op->RegisterMask;
            var a = (mask & 1) != 0 ? context->Registers[op->A] : op->A;
            var b = (mask & 2) != 0 ? context->Registers[op->B] : op->B;
            var c = (mask & 4) != 0 ? context->Registers[op->C] : op->C;
            var d = (mask & 8) != 0 ? context->Registers[op->D] : op->D;
            var e = (mask & 16) != 0 ? context->Registers[op->E] : op->E;
            var f = (mask & 32) != 0 ? context->Registers[op->F] : op->F;
            var result = context->Syscall(op->Number, a, b, c, d, e, f);
            if (result == -1)
            {
                var errno = *context->Errno;
                if (errno == EINTR) continue;
                var ignored = errno < 64 ? op->IgnoredBelow64 >> errno : op->IgnoredFrom64 >> (errno - 64);
                if ((ignored & 1) != 0)
                {
                    op += 1 + op->SkipOnIgnored;
                    continue;
                }

                context->Report[2] = errno;
            }
            else if (result >= op->Least)
            {
                if (op->Save >= 0) context->Registers[op->Save] = result;
                op += 1 + op->SkipOnSuccess;
                continue;
            }
            else
            {
                context->Report[2] = EPIPE;
            }

            context->Report[0] = (int)ChildMessageKind.Failed;
            context->Report[1] = op->Step;
            context->Syscall(context->WriteNumber, context->ReportDescriptor, (long)context->Report, ChildMessage.SizeBytes, 0, 0, 0);
            while (true) context->Syscall(context->ExitNumber, 127, 0, 0, 0, 0, 0);
        }
    }
}

using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Gantry.Tests.Unit.Compat;

/// <summary>Reads what a compiled method does: the strings it loads and the methods it calls, in order.</summary>
/// <remarks>Source: ECMA-335, partition III. Only operands that are asked for here are resolved; the others are stepped over.</remarks>
internal static class Instructions
{
    private static readonly Dictionary<short, OpCode> _opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value);

    /// <summary>Strings and <see cref="MethodBase"/>s in the order of the code. An async method or an iterator stands for its state machine.</summary>
    public static IEnumerable<object> Of(MethodBase method)
    {
        if (method.GetCustomAttribute<StateMachineAttribute>() is { } machine)
            method = machine.StateMachineType.GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!;
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;
        Type[] typeArguments = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : [];
        Type[] methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (var at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
                value = unchecked((short)(0xFE00 | code[at++]));
            var instruction = _opCodes[value];
            if (instruction.OperandType == OperandType.InlineString)
                yield return method.Module.ResolveString(BitConverter.ToInt32(code, at));
            else if (instruction.OperandType == OperandType.InlineMethod)
                yield return method.Module.ResolveMethod(BitConverter.ToInt32(code, at), typeArguments, methodArguments)!;
            at += OperandSize(instruction.OperandType, code, at);
        }
    }

    /// <summary>Every method of an assembly, those that the compiler made included.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly) => assembly.GetTypes().SelectMany(static type =>
        ((IEnumerable<MethodBase>)type.GetMethods(Everything)).Concat(type.GetConstructors(Everything)).Where(static m => m.GetCustomAttribute<StateMachineAttribute>() is null));

    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static int OperandSize(OperandType type, byte[] code, int at) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}

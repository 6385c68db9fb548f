using System.Reflection;
using System.Reflection.Emit;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace EntropyElbo.TorchSharp.Tests;

/// <summary>
/// The garbage collector may finalise a <see cref="Scalar"/> that TorchSharp makes by itself while the native call that was given its handle runs. The instructions of
/// both assemblies show every call that can come to that.
/// </summary>
[TestClass]
public sealed class ScalarLifetimeTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> Instructions = typeof(OpCodes).GetFields().Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => (int)(ushort)c.Value);

    [TestMethod]
    public void NoCall_LeavesAScalarToTheGarbageCollector()
    {
        List<string> faults = [];
        foreach (MethodBase caller in typeof(TorchEngine).Assembly.GetTypes().SelectMany(Methods))
        {
            IEnumerable<MethodBase> makers = Calls(caller).Where(called => called.Module == typeof(torch).Module && MakesScalar(called, []));
            faults.AddRange(makers.Where(called => !Holds(caller, called)).Select(called => $"{caller.DeclaringType}.{caller.Name}: {called}"));
        }

        Assert.IsEmpty(faults, $"Take the methods of {nameof(HeldScalars)} instead:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }

    [TestMethod]
    [DataRow(nameof(torch.Tensor.square), true)]
    [DataRow("op_Addition", true)]
    [DataRow("op_Subtraction", false)]
    [DataRow(nameof(torch.Tensor.exp), false)]
    public void CallsThatMakeAScalar_AreFound(string name, bool expected)
    {
        MethodInfo method = typeof(torch.Tensor).GetMethods().First(m => m.Name == name && m.GetParameters().All(p => p.ParameterType == typeof(torch.Tensor)));
        Assert.AreEqual(expected, MakesScalar(method, []));
    }

    private static bool Holds(MethodBase caller, MethodBase called) => caller.DeclaringType == typeof(HeldScalars) && called.DeclaringType == typeof(ScalarExtensionMethods);

    private static bool MakesScalar(MethodBase method, HashSet<MethodBase> seen) =>
        (method.DeclaringType == typeof(Scalar) && method.IsConstructor)
        || Calls(method).Any(called => called.Module == method.Module && seen.Add(called) && MakesScalar(called, seen));

    private static IEnumerable<MethodBase> Methods(Type type) => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All));

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int place = 0; place < code.Length;)
        {
            OpCode instruction = Instructions[code[place] == 0xFE ? 0xFE00 | code[place + 1] : code[place]];
            place += instruction.Size;
            if (instruction.OperandType == OperandType.InlineMethod)
            {
                yield return method.Module.ResolveMethod(BitConverter.ToInt32(code, place), ofType, ofMethod)!;
            }

            place += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, place)),
                _ => 4,
            };
        }
    }
}

using System.Buffers;
using Gantry.Model.Oci;
using Gantry.Tests.Support.Machine;
using Xunit;

namespace Gantry.Tests.System.Runtime.Machine;

/// <summary>The machine that has run the containers of <see cref="MachineBundles"/>, as <c>steps.sh</c> says.</summary>
public sealed class RuntimeMachine : IAsyncLifetime
{
    private VirtualMachine? _machine;

    /// <summary>What it printed below a heading.</summary>
    public string this[string section]
    {
        get
        {
            Assert.SkipUnless(VirtualMachine.CanRun, "the virtual machine is an x86-64 one, for programs of this machine");
            return _machine![section];
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (VirtualMachine.CanRun)
            _machine = await VirtualMachine.RunAsync("tests/System/Runtime/Machine/steps.sh", ["gantry-runtime"], [], ["sh", "cat", "mkdir", "mknod", "nproc", "sleep", "dd", "echo"], WriteBundles);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void WriteBundles(string root)
    {
        foreach (var (name, config) in MachineBundles.All)
        {
            var output = new ArrayBufferWriter<byte>();
            RuntimeConfigWriter.Write(output, config);
            Directory.CreateDirectory($"{root}/bundles/{name}");
            File.WriteAllBytes($"{root}/bundles/{name}/config.json", output.WrittenSpan);
        }
    }
}

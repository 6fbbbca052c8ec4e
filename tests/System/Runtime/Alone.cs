using Xunit;

namespace Gantry.Tests.System.Runtime;

/// <summary>Tests that count this process's descriptors or children: nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

using Xunit;

namespace Gantry.Tests.E2E.Life;

/// <summary>Tests of how containers live share one engine. Each names its containers apart and removes them.</summary>
[CollectionDefinition(Name)]
public sealed class LifeCollection : ICollectionFixture<HubFixture>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "life";
}

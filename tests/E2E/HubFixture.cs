using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E;

/// <summary>A registry with the test images and an engine that takes it for Docker Hub's mirror; shared by the tests of a class.</summary>
public sealed class HubFixture : IAsyncLifetime
{
    /// <summary>The registry.</summary>
    public RegistryFixture Registry { get; private set; } = null!;

    /// <summary>The engine.</summary>
    public EngineFixture Engine { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Registry = await RegistryFixture.StartAsync("busybox", "debian", "postgres", "redis", "mariadb", "nginx");
        Engine = await EngineFixture.StartAsync("--registry-mirror", Registry.Url);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Either is missing when it did not start.
        if (Engine is { } engine)
            await engine.DisposeAsync();
        if (Registry is { } registry)
            await registry.DisposeAsync();
    }
}

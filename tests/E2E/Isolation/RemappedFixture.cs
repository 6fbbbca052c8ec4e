using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Isolation;

/// <summary>An engine whose containers have user namespaces, with the test images at hand; shared by the tests of a class.</summary>
public sealed class RemappedFixture : IAsyncLifetime
{
    /// <summary>The first id of the host that containers have.</summary>
    public const int First = 231072;

    /// <summary>How many they have.</summary>
    public const int Count = 65536;

    private RegistryFixture? _registry;

    /// <summary>The engine.</summary>
    public EngineFixture Engine { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _registry = await RegistryFixture.StartAsync("busybox", "debian", "nginx");
        Engine = await EngineFixture.StartRemappedAsync($"{First}:{Count}", "--registry-mirror", _registry.Url);
        foreach (var image in (string[])["busybox", "debian:bookworm-slim", "nginx"])
            (await Engine.DockerAsync("pull", "-q", image)).Succeeded();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Engine is { } engine)
            await engine.DisposeAsync();
        if (_registry is { } registry)
            await registry.DisposeAsync();
    }
}

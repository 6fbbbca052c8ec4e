using Gantry.Tests.System.Engine;
using Xunit;

namespace Gantry.Tests.System.BuildKit;

/// <summary>An engine with BuildKit's door, for the clients of several tests.</summary>
public sealed class EngineDoor : IAsyncLifetime
{
    private EngineHost? _host;
    private DoorHost? _door;

    internal EngineHost Host => _host!;

    internal DoorHost Door => _door!;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync();
        _door = await DoorHost.StartAsync(_host.Engine);
    }

    public async ValueTask DisposeAsync()
    {
        if (_door is not null)
            await _door.DisposeAsync();
        if (_host is not null)
            await _host.DisposeAsync();
    }
}

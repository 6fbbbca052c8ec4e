namespace Gantry.Client;

/// <summary>
/// A typed client of the Docker Engine API, for Gantry's engine and for Docker's. Calls block until the answer is there;
/// see <see cref="EngineTransport"/>. Errors are <see cref="Gantry.Model.GantryException"/>s with the engine's message.
/// </summary>
public sealed class EngineClient : IDisposable
{
    /// <summary>Makes a client; nothing is connected before the first call.</summary>
    public EngineClient(EngineTransport transport)
    {
        Transport = transport;
        Builds = new(transport);
        Containers = new(transport);
        Execs = new(transport);
        Files = new(transport);
        Images = new(transport);
        System = new(transport);
        Volumes = new(transport);
    }

    /// <summary>What requests are sent through.</summary>
    public EngineTransport Transport { get; }

    /// <summary>Calls about builds.</summary>
    public BuildCalls Builds { get; }

    /// <summary>Calls about containers.</summary>
    public ContainerCalls Containers { get; }

    /// <summary>Calls about commands run in containers.</summary>
    public ExecCalls Execs { get; }

    /// <summary>Calls about the files of containers.</summary>
    public FileCalls Files { get; }

    /// <summary>Calls about images.</summary>
    public ImageCalls Images { get; }

    /// <summary>Calls about the engine itself.</summary>
    public SystemCalls System { get; }

    /// <summary>Calls about volumes.</summary>
    public VolumeCalls Volumes { get; }

    /// <inheritdoc/>
    public void Dispose() => Transport.Dispose();
}

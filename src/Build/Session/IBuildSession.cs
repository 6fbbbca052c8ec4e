namespace Gantry.Build;

/// <summary>The client of a build: it has the files, the secrets and the logins, and is asked for what is needed of them.</summary>
public interface IBuildSession
{
    /// <summary>Tells sessions apart; the same for all builds of one.</summary>
    string Id { get; }

    /// <summary>What keeps the copies of this client's directories apart from other clients', from one build to the next; empty: nothing is kept.</summary>
    string SharedKey { get; }

    /// <summary>
    /// Brings a directory up to date with one that the client has: what is new or changed is sent, what is gone is removed.
    /// </summary>
    /// <param name="directory">Beneath which the files go; may hold what an earlier call left.</param>
    /// <param name="progress">Is told how many bytes came.</param>
    /// <exception cref="Model.GantryException">NotFound: the client has no such directory. Invalid: what it sent cannot be used.</exception>
    Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken);

    /// <summary>The names of what a selection of a directory holds, without their contents; null: this client cannot be asked so.</summary>
    Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>?>(null);

    /// <summary>Reads a blob of an OCI layout that the client has.</summary>
    /// <param name="layout">What the client calls the layout.</param>
    /// <param name="sink">Is given the bytes in order, and verifies them: the client may send anything.</param>
    /// <exception cref="Model.GantryException">NotFound: the client has no such layout, or not this blob.</exception>
    Task ReadBlobAsync(string layout, Model.Digest blob, Action<ReadOnlyMemory<byte>> sink, CancellationToken cancellationToken);

    /// <summary>Puts a blob into an OCI layout that the client has, unless it is there.</summary>
    /// <exception cref="Model.GantryException">NotSupported: this client's layouts cannot be written.</exception>
    Task WriteBlobAsync(string layout, Model.Images.Descriptor blob, Stream content, CancellationToken cancellationToken) =>
        throw Model.GantryException.Of(Model.ErrorKind.NotSupported, "this client takes no blobs into its OCI layouts");

    /// <summary>The value of a secret; null: the client has none of this name.</summary>
    Task<byte[]?> FindSecretAsync(string id, CancellationToken cancellationToken);

    /// <summary>Whether the client lends an SSH agent of this name.</summary>
    Task<bool> HasAgentAsync(string id, CancellationToken cancellationToken);

    /// <summary>A connection to the client's SSH agent.</summary>
    Task<Stream> OpenAgentAsync(string id, CancellationToken cancellationToken);

    /// <summary>Whether the client wants to look into steps that fail.</summary>
    bool VisitsFailures => false;

    /// <summary>Lets the client look into the state that a failed step left; returns when it has seen enough.</summary>
    /// <param name="open">Opens a shell there: GantryException when there is none in the step's files.</param>
    Task VisitAsync(Vertex step, Func<CancellationToken, Task<IStepShell>> open, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The login for a registry; null: the client has none.</summary>
    Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken cancellationToken);

    /// <summary>A token of a registry's token server, which the client obtains with its login and need not tell that; null: it does not do so, or has none.</summary>
    /// <exception cref="Model.GantryException">It was refused one.</exception>
    Task<string?> FindTokenAsync(string host, RegistryTokenRequest request, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Sends an archive to the client: a tar or an OCI layout that it asked for.</summary>
    Task SendArchiveAsync(BuildOutput output, Stream archive, CancellationToken cancellationToken);

    /// <summary>Sends a blob of an OCI layout, of which the client makes a directory by itself.</summary>
    /// <returns>False: this client takes archives only.</returns>
    Task<bool> SendBlobAsync(BuildOutput output, Model.Images.Descriptor blob, Stream content, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Sends the files of a directory to the client (<c>type=local</c>).</summary>
    Task SendDirectoryAsync(BuildOutput output, string directory, CancellationToken cancellationToken);
}

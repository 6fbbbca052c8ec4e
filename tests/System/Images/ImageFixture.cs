using Gantry.Distribution;
using Gantry.Engine.Events;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Tests.System.Store;

namespace Gantry.Tests.System.Images;

/// <summary>Image operations on a store in a folder of their own.</summary>
public sealed class ImageFixture : IImageUse, IDisposable
{
    private readonly RegistryClient _registry;

    public ImageFixture(params string[] mirrors)
        : this(new RegistryOptions { Mirrors = mirrors, SilenceLimit = TimeSpan.FromSeconds(10) })
    {
    }

    public ImageFixture(RegistryOptions options)
    {
        Store = new();
        _registry = new(options);
        Images = new(Store.Content, _registry, this, new EventLog(TimeProvider.System), TimeProvider.System, 3);
    }

    public StoreFixture Store { get; }

    public ImageOperations Images { get; }

    public List<ImageProgress> Progress { get; } = [];

    public List<ImageUser> Users { get; } = [];

    public IReadOnlyList<ImageUser> UsersOf(Digest imageId) => Users;

    public Task<ResolvedImage> PullAsync(string name, Platform? platform = null, Gantry.Model.Api.AuthConfig? credentials = null, CancellationToken cancellationToken = default) =>
        Images.PullAsync(ImageReference.Parse(name), platform, credentials, Progress.Add, cancellationToken);

    /// <summary>Files below the store that hold something, by relative path.</summary>
    public IReadOnlyList<string> Kept() =>
        [.. Directory.EnumerateFiles(Path.Combine(Store.Root, "content"), "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(Store.Root, p)).Where(p => Path.GetFileName(p) is not ("oci-layout" or "index.json")), .. Directory.EnumerateDirectories(Path.Combine(Store.Root, "layers"))];

    public void Dispose()
    {
        Images.Dispose();
        _registry.Dispose();
        Store.Dispose();
    }
}

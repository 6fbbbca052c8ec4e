using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Images;

namespace Gantry.Tests.Unit.Build.Compile;

/// <summary>Images that are not there: what they say of themselves is all that a compiler wants.</summary>
internal sealed class FakeBaseImages : IBaseImages
{
    private readonly Dictionary<string, ImageConfiguration> _images = new();

    public FakeBaseImages() => Add("docker.io/library/base:latest", new() { Env = ["PATH=/bin", "LANG=C"], Cmd = ["sh"] });

    /// <summary>What was asked for, in order.</summary>
    public List<(string Reference, string Platform)> Asked { get; } = [];

    public void Add(string reference, ImageConfig config, string architecture = "amd64", int layers = 1) => _images[reference] = new()
    {
        Os = "linux",
        Architecture = architecture,
        Created = "2020-01-01T00:00:00Z",
        Author = "somebody",
        Config = config,
        RootFs = new() { DiffIds = [.. Enumerable.Range(0, layers).Select(i => Digest.OfSha256(System.Security.Cryptography.SHA256.HashData([(byte)i])))] },
        History = [.. Enumerable.Range(0, layers).Select(i => new ImageHistoryEntry { CreatedBy = $"layer {i}" })],
    };

    public Task<BaseImage> ResolveAsync(string reference, string platform, CancellationToken cancellationToken)
    {
        lock (Asked)
            Asked.Add((reference, platform));
        return _images.TryGetValue(reference, out var image)
            ? Task.FromResult(new BaseImage { Reference = reference + "@id", Configuration = image })
            : throw GantryException.Of(ErrorKind.NotFound, "no such image");
    }
}

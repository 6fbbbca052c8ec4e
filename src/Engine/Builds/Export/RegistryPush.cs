using Gantry.Build;
using Gantry.Distribution;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Pushes a package under its names.</summary>
/// <remarks>Source: buildkit util/push/push.go.</remarks>
internal sealed class RegistryPush(ContentStore content, RegistryClient registry, IBuildSession session, IBuildProgress progress, Digest vertex, TimeProvider time)
{
    private const int MostUploads = 4;

    /// <summary>Pushes it: blobs side by side, then what names them.</summary>
    /// <param name="byDigest">Under no tag.</param>
    /// <exception cref="GantryException">Forbidden, Unauthenticated, Unavailable: see <see cref="RepositoryUpload"/>.</exception>
    public async Task PushAsync(ImagePackage package, IReadOnlyList<ImageReference> names, bool byDigest, CancellationToken cancellationToken)
    {
        foreach (var repository in names.GroupBy(static name => name.Name))
        {
            var name = repository.First();
            try
            {
                var upload = registry.OpenUpload(name, new ClientAccess(session, name.Domain));
                await PushBlobsAsync(upload, package.Blobs, cancellationToken);
                foreach (var document in package.Documents)
                    await upload.PutManifestAsync(document.Digest.ToString(), document.MediaType, content.Blobs.Read(document.Digest, ImageDocuments.LargestManifest), cancellationToken);
                foreach (var tag in byDigest ? [] : repository.Select(static n => n.Tag!).Distinct())
                {
                    await upload.PutManifestAsync(tag, package.Root.MediaType, content.Blobs.Read(package.Root.Digest, ImageDocuments.LargestManifest), cancellationToken);
                    Done($"pushing manifest for {name.Name}:{tag}@{package.Root.Digest}");
                }

                if (byDigest)
                    Done($"pushing manifest for {name.Name}@{package.Root.Digest}");
            }
            catch (GantryException refused)
            {
                throw GantryException.Of(refused.Kind, $"failed to push {(byDigest ? name.Name : name.ToString())}: {refused.Message}", cause: refused);
            }
        }
    }

    private async Task PushBlobsAsync(RepositoryUpload upload, IReadOnlyList<Descriptor> blobs, CancellationToken cancellationToken)
    {
        var total = blobs.Sum(static b => b.Size);
        var began = time.GetUtcNow();
        var sent = new long[blobs.Count];
        void Tell(DateTimeOffset? ended = null) => progress.Report(new VertexStatus { Vertex = vertex, Id = "pushing layers", Current = sent.Sum(), Total = total, Time = time.GetUtcNow(), Started = began, Completed = ended });
        Tell();
        await Parallel.ForEachAsync(Enumerable.Range(0, blobs.Count), new ParallelOptions { MaxDegreeOfParallelism = MostUploads, CancellationToken = cancellationToken }, async (i, token) =>
        {
            var blob = blobs[i];
            await upload.PutBlobAsync(
                blob,
                () => content.Blobs.Open(blob.Digest),
                bytes =>
                {
                    sent[i] = bytes;
                    Tell();
                },
                token);
            sent[i] = blob.Size;
        });
        Tell(time.GetUtcNow());
    }

    private void Done(string what)
    {
        var now = time.GetUtcNow();
        progress.Report(new VertexStatus { Vertex = vertex, Id = what, Time = now, Started = now, Completed = now });
    }
}

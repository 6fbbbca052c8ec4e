using System.Security.Cryptography;
using Gantry.Archive;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>The files of a tree with their digests: what is said of a result that goes out as files is said of these.</summary>
internal static class FileSubjects
{
    /// <summary>All regular files by their paths. The tree is hostile.</summary>
    public static IReadOnlyList<(string Name, Digest Digest)> Of(string directory, CancellationToken cancellationToken)
    {
        var subjects = new List<(string, Digest)>();
        var buffer = new byte[128 << 10];
        using var listing = new TreeListing(directory);
        foreach (var (entry, status) in listing.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!status.IsRegular)
                continue;
            using var file = listing.OpenContent(entry.Path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            while (Files.Read(file, buffer) is > 0 and var read)
                hash.AppendData(buffer, 0, read);
            subjects.Add((entry.Path, Digest.OfSha256(hash.GetHashAndReset())));
        }

        return subjects;
    }
}

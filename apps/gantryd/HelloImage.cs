using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Gantry.Model;

namespace Gantry.Apps;

/// <summary>The image <c>hello</c>: FROM scratch, one static program, built into the engine so that a first run needs no network.</summary>
/// <remarks>Source of the archive's shape: Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format".</remarks>
internal static class HelloImage
{
    /// <summary>The name under which it is found.</summary>
    public const string Name = "hello:latest";

    private static readonly DateTimeOffset _created = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether this engine was built with it.</summary>
    public static bool Exists => typeof(HelloImage).Assembly.GetManifestResourceInfo("hello") is not null;

    /// <summary>Opens it as an archive that <c>load</c> takes; null when this engine was built without it.</summary>
    public static Stream? Open()
    {
        using var program = typeof(HelloImage).Assembly.GetManifestResourceStream("hello");
        if (program is null)
            return null;
        var binary = new byte[program.Length];
        program.ReadExactly(binary);

        var layer = Tar(("hello", binary, (UnixFileMode)0x1ED)); // 0755
        var diffId = Digest.OfSha256(SHA256.HashData(layer));
        var configuration = Encoding.UTF8.GetBytes(
            $$$"""{"created":"2026-01-01T00:00:00Z","architecture":"amd64","os":"linux","config":{"Cmd":["/hello"],"WorkingDir":"/"},"rootfs":{"type":"layers","diff_ids":["{{{diffId}}}"]},"history":[{"created":"2026-01-01T00:00:00Z","created_by":"gantry: the program apps/hello"}]}""");
        var name = Digest.OfSha256(SHA256.HashData(configuration)).Hex + ".json";
        var manifest = Encoding.UTF8.GetBytes($$"""[{"Config":"{{name}}","RepoTags":["{{Name}}"],"Layers":["layer.tar"]}]""");
        return new MemoryStream(Tar(("manifest.json", manifest, (UnixFileMode)0x1A4), (name, configuration, (UnixFileMode)0x1A4), ("layer.tar", layer, (UnixFileMode)0x1A4)));
    }

    private static byte[] Tar(params (string Name, byte[] Content, UnixFileMode Mode)[] files)
    {
        var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var (name, content, mode) in files)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = mode, ModificationTime = _created, DataStream = new MemoryStream(content) });
        return archive.ToArray();
    }
}

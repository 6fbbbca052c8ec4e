using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>What the keys of steps were made of in the last build of each project. It is there to explain: what is lost or damaged costs an explanation.</summary>
/// <remarks>On disk: <c>builds/recipes/NAME</c>, the name a digest of the project's; JSON, compressed with gzip. The least recently written go.</remarks>
internal sealed class RecipeStore(string root)
{
    private const int MostProjects = 100;
    private const int MostBytes = 64 << 20;

    private readonly ConcurrentDictionary<string, Digest> _states = new();

    /// <summary>What the last build of a project left; empty: nothing is known of one.</summary>
    public IReadOnlyList<StepRecipe> Load(string project)
    {
        try
        {
            using var file = File.OpenRead(PathOf(project));
            using var plain = new GZipStream(file, CompressionMode.Decompress);
            using var text = new MemoryStream();
            var buffer = new byte[64 << 10];
            while (plain.Read(buffer) is > 0 and var read)
            {
                if (text.Length + read > MostBytes)
                    return [];
                text.Write(buffer, 0, read);
            }

            using var json = JsonDocument.Parse(text.GetBuffer().AsMemory(0, (int)text.Length));
            return [.. json.RootElement.GetProperty("steps").EnumerateArray().Select(RecipeJson.Read)];
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return [];
        }
    }

    /// <summary>Keeps what a build left, unless that is the same as before.</summary>
    public void Save(string project, RecipeBook book)
    {
        var state = book.State();
        if (_states.TryGetValue(project, out var kept) && kept == state)
            return;
        var path = PathOf(project);
        var making = Path.Combine(root, "." + Path.GetRandomFileName());
        try
        {
            using (var file = new FileStream(making, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            using (var packed = new GZipStream(file, CompressionLevel.Fastest))
            using (var json = new Utf8JsonWriter(packed))
                RecipeJson.Write(json, book.ToKeep());
            File.Move(making, path, overwrite: true);
            _states[project] = state;
            foreach (var old in new DirectoryInfo(root).EnumerateFiles().OrderByDescending(static file => file.LastWriteTimeUtc).Skip(MostProjects))
                old.Delete();
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            File.Delete(making);
        }
    }

    private string PathOf(string project) => Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project)))[..32]);
}

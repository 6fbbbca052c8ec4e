using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gantry.Model;

namespace Gantry.Cli.Config;

/// <summary>Changes the user's <c>config.json</c> and keeps what it does not know in it: Docker's own tools use it, too.</summary>
internal static class ConfigFile
{
    private static readonly JsonWriterOptions Layout = new() { Indented = true, IndentCharacter = '\t', IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Changes the file, which need not be there. Whoever reads it meanwhile sees the old one or the new one.</summary>
    /// <param name="directory">The directory that holds it.</param>
    /// <param name="change">Changes its content; false: there is nothing to change.</param>
    /// <exception cref="GantryException">Invalid: it is not JSON, and so it is left as it is. Forbidden: it cannot be written.</exception>
    public static void Change(string directory, Func<JsonObject, bool> change)
    {
        var path = PathOf(directory);
        try
        {
            var root = File.Exists(path) && JsonNode.Parse(File.ReadAllBytes(path), documentOptions: new() { AllowTrailingCommas = true }) is JsonObject known ? known : [];
            if (!change(root))
                return;
            // The first member, as in the files that Docker writes.
            var auths = root["auths"] ?? new JsonObject();
            root.Remove("auths");
            root.Insert(0, "auths", auths);
            Replace(path, root);
        }
        catch (JsonException broken)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"{path} is not valid JSON, so it is not changed: {broken.Message}", cause: broken);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Forbidden, $"{path} cannot be written: {denied.Message}", cause: denied);
        }
    }

    /// <summary>Writes a file that only its owner may read, by one rename.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                file.Write(content);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Replace(string path, JsonObject root)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Layout))
            root.WriteTo(json);
        Write(path, buffer.WrittenSpan);
    }

    // A link to a file somewhere else (kept under version control, say) stays one.
    private static string PathOf(string directory)
    {
        var file = new FileInfo(Path.Combine(directory, "config.json"));
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Cli.Config;

/// <summary>Docker's contexts: engines by name, in the directory of the configuration file.</summary>
/// <remarks>Source: <c>contexts/meta/ID/meta.json</c> and <c>contexts/tls/ID/docker/*.pem</c> as docker 28.2.2 writes them; ID is the SHA-256 of the name.</remarks>
internal sealed class ContextStore(ClientConfig config)
{
    /// <summary>The context that flags, environment and Gantry's own socket make.</summary>
    public const string Default = "default";

    /// <summary>The files that a context's certificates can be in.</summary>
    public static readonly string[] PemFiles = ["ca.pem", "cert.pem", "key.pem"];

    private string Metadata => Path.Combine(config.Directory, "contexts", "meta");

    /// <summary>All contexts by name, without the default one.</summary>
    public IReadOnlyList<EngineContext> All()
    {
        if (!Directory.Exists(Metadata))
            return [];
        return [.. Directory.EnumerateDirectories(Metadata).Select(static directory => Path.Combine(directory, "meta.json")).Where(File.Exists).Select(Read).OrderBy(static context => context.Name, StringComparer.Ordinal)];
    }

    /// <summary>A context.</summary>
    /// <exception cref="GantryException">NotFound: there is none of the name. Invalid: its file is damaged.</exception>
    public EngineContext Get(string name)
    {
        var path = MetadataPath(name) + "/meta.json";
        return File.Exists(path) ? Read(path) : throw GantryException.Of(ErrorKind.NotFound, $"context {Quoted(name)}: context not found: open {path}: no such file or directory");
    }

    public bool Has(string name) => File.Exists(MetadataPath(name) + "/meta.json");

    /// <summary>Where a context's file is.</summary>
    public string MetadataPath(string name) => Path.Combine(Metadata, Id(name));

    /// <summary>Where a context's certificates are.</summary>
    public string TlsPath(string name) => Path.Combine(config.Directory, "contexts", "tls", Id(name));

    /// <summary>The names of a context's certificate files; empty: it has none.</summary>
    public IReadOnlyList<string> TlsFiles(string name) => [.. PemFiles.Where(file => File.Exists(Path.Combine(TlsPath(name), "docker", file)))];

    /// <summary>Writes a context, a new one or in place of the one there is.</summary>
    /// <param name="context">What to write.</param>
    /// <param name="certificates">What replaces its certificates, by file name; null: they stay.</param>
    public void Write(EngineContext context, IReadOnlyDictionary<string, byte[]>? certificates)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
            context.Write(json);
        if (certificates is not null)
        {
            RemoveTree(TlsPath(context.Name));
            foreach (var (file, content) in certificates)
                ConfigFile.Write(Path.Combine(TlsPath(context.Name), "docker", file), content);
        }
        ConfigFile.Write(MetadataPath(context.Name) + "/meta.json", buffer.WrittenSpan);
    }

    /// <summary>Removes a context and its certificates.</summary>
    public void Remove(string name)
    {
        RemoveTree(MetadataPath(name));
        RemoveTree(TlsPath(name));
    }

    /// <summary>Makes a context the one that is used when none is named.</summary>
    public void Use(string name) => ConfigFile.Change(config.Directory, root =>
    {
        if (name == Default)
            return root.Remove("currentContext");
        root["currentContext"] = name;
        return true;
    });

    private static string Id(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static string Quoted(string name) => $"\"{name}\"";

    private static void RemoveTree(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    private static EngineContext Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return EngineContext.Of(json.RootElement);
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"{path} is no context: {damaged.Message}: remove it with its directory", cause: damaged);
        }
    }
}

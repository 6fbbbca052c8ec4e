using Gantry.Archive;
using Gantry.Cli.Config;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry context export</c> and <c>gantry context import</c>: a context with its certificates as one file, the same as docker's.</summary>
/// <remarks>Source: docker/cli cli/context/store/store.go: a tar of <c>meta.json</c> and <c>tls/docker/*.pem</c>.</remarks>
internal static class ContextTransfer
{
    public static readonly CommandSpec Export = new()
    {
        Name = "export",
        Usage = "[OPTIONS] CONTEXT [FILE|-]",
        Summary = "Export a context to a tar archive FILE or a tar stream on STDOUT.",
        Arity = Arity.Between(1, 2),
        Run = RunExport,
    };

    public static readonly CommandSpec Import = new()
    {
        Name = "import",
        Usage = "CONTEXT FILE|-",
        Summary = "Import a context from a tar file",
        Arity = Arity.Exactly(2),
        Run = RunImport,
    };

    private const int LargestFile = 10 << 20;
    private const string Metadata = "meta.json";
    private const string Certificates = "tls/docker/";

    private static int RunExport(Invocation invocation)
    {
        var name = invocation.Arguments[0];
        var target = invocation.Arguments.Count > 1 ? invocation.Arguments[1] : name + ".dockercontext";
        var toOutput = target == "-";
        if (toOutput && Terminals.IsTerminal(1))
            throw GantryException.Of(ErrorKind.Invalid, "cowardly refusing to export to a terminal, specify a file path");
        var archive = Archive(invocation, name);
        if (toOutput)
        {
            using var output = DescriptorStream.Standard(1);
            output.Write(archive);
            return ExitCodes.Success;
        }
        try
        {
            using var file = new FileStream(target, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            file.Write(archive);
        }
        catch (IOException) when (File.Exists(target))
        {
            throw GantryException.Of(ErrorKind.AlreadyExists, $"open {target}: file exists");
        }
        catch (DirectoryNotFoundException)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"open {target}: no such file or directory");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"open {target}: {refused.Message}", cause: refused);
        }
        invocation.Error.WriteLine($"Written file \"{target}\"");
        return ExitCodes.Success;
    }

    private static int RunImport(Invocation invocation)
    {
        var name = invocation.Arguments[0];
        var store = new ContextStore(invocation.Context.Config);
        ContextEditing.CheckNew(store, name);
        var (context, certificates) = Read(invocation.Arguments[1]);
        store.Write(context with { Name = name }, certificates);
        return ContextEditing.Done(invocation, name, "imported");
    }

    private static byte[] Archive(Invocation invocation, string name)
    {
        var context = ContextCommands.Get(invocation, name);
        var store = new ContextStore(invocation.Context.Config);
        using var archive = new MemoryStream();
        var writer = new TarWriter(archive, 64 << 10);
        var metadata = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(metadata))
            context.Write(json);
        Add(writer, Metadata, 0x1A4, metadata.WrittenSpan); // 0644
        var files = name == ContextStore.Default ? [] : store.TlsFiles(name);
        AddDirectory(writer, "tls");
        if (files.Count > 0)
            AddDirectory(writer, Certificates);
        foreach (var file in files)
            Add(writer, Certificates + file, 0x180, File.ReadAllBytes(Path.Combine(store.TlsPath(name), "docker", file))); // 0600
        writer.Finish();
        return archive.ToArray();
    }

    private static void AddDirectory(TarWriter writer, string name) =>
        writer.Begin(new TarEntry { Kind = TarEntryKind.Directory, Name = Encoding.UTF8.GetBytes(name.TrimEnd('/') + "/"), Mode = 0x1C0 }); // 0700

    private static void Add(TarWriter writer, string name, uint mode, ReadOnlySpan<byte> content)
    {
        writer.Begin(new TarEntry { Kind = TarEntryKind.File, Name = Encoding.UTF8.GetBytes(name), Mode = mode, Size = content.Length, StoredSize = content.Length });
        writer.Content(content);
    }

    /// <summary>Reads what somebody else may have made: only known names, none of them a path of its own.</summary>
    private static (EngineContext Context, IReadOnlyDictionary<string, byte[]> Certificates) Read(string source)
    {
        using var reader = new TarReader(ReadWhole(source));
        EngineContext? context = null;
        var certificates = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (reader.Next() is { } entry)
        {
            if (entry.Kind == TarEntryKind.Directory)
                continue;
            var name = Encoding.UTF8.GetString(entry.Name);
            if (name.StartsWith("./", StringComparison.Ordinal))
                name = name[2..];
            if (entry.Kind != TarEntryKind.File || entry.StoredSize > LargestFile)
                throw TarErrors.Refused(entry.Name, $"a context holds files of at most {LargestFile >> 20} MiB");
            if (name == Metadata)
                context = Parse(Content(reader));
            else if (name.StartsWith(Certificates, StringComparison.Ordinal) && ContextStore.PemFiles.Contains(name[Certificates.Length..]))
                certificates[name[Certificates.Length..]] = Content(reader);
            else
                throw GantryException.Of(ErrorKind.Invalid, $"{TarErrors.Printable(entry.Name)}: unexpected context file");
        }
        return (context ?? throw GantryException.Of(ErrorKind.Invalid, "invalid context: no metadata found"), certificates);
    }

    // NOTE: docker's own exports end with the last byte of the last file: what is missing of the archive is put behind.
    private static MemoryStream ReadWhole(string source)
    {
        const int Block = 512;
        var whole = new MemoryStream();
        using (var input = Open(source))
        {
            var buffer = new byte[64 << 10];
            for (var count = input.Read(buffer, 0, buffer.Length); count > 0; count = input.Read(buffer, 0, buffer.Length))
            {
                whole.Write(buffer, 0, count);
                if (whole.Length > LargestFile)
                    throw GantryException.Of(ErrorKind.Invalid, $"{source} is no context: it has more than {LargestFile >> 20} MiB");
            }
        }
        whole.SetLength((whole.Length + (3 * Block) - 1) / Block * Block);
        whole.Position = 0;
        return whole;
    }

    private static Stream Open(string source)
    {
        if (source == "-")
            return DescriptorStream.Standard(0);
        try
        {
            return File.OpenRead(source);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"open {source}: no such file or directory", cause: missing);
        }
    }

    private static byte[] Content(TarReader reader)
    {
        using var content = new MemoryStream();
        for (var piece = reader.ReadContent(); !piece.IsEmpty; piece = reader.ReadContent())
            content.Write(piece);
        return content.ToArray();
    }

    private static EngineContext Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return EngineContext.Of(document.RootElement);
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"invalid context: {Metadata}: {damaged.Message}", cause: damaged);
        }
    }
}

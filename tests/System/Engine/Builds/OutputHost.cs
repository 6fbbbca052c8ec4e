using System.Text.Json;
using Gantry.Build;
using Gantry.Tests.Support;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>An engine that builds, an empty registry, and other people's programs to look at what comes out.</summary>
internal sealed class OutputHost : IAsyncDisposable
{
    private OutputHost(BuildHost build, RegistryFixture registry) => (Build, Registry) = (build, registry);

    public BuildHost Build { get; }

    public RegistryFixture Registry { get; }

    public static async Task<OutputHost> StartAsync() => new(await BuildHost.StartAsync(), await RegistryFixture.StartEmptyAsync());

    /// <summary>A name in the registry.</summary>
    public string Name(string repository) => $"127.0.0.1:{Registry.Port}/{repository}";

    /// <summary>Builds with one output.</summary>
    public Task<BuildOutcome> OutputAsync(string dockerfile, BuildOutputKind kind, string attributes = "", Func<BuildSpec, BuildSpec>? more = null, params string[] names)
    {
        var output = new BuildOutput
        {
            Kind = kind,
            Names = names,
            Push = kind == BuildOutputKind.Registry,
            Attributes = attributes.Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(static a => a.Split('=')[0], static a => a.Contains('=', StringComparison.Ordinal) ? a[(a.IndexOf('=', StringComparison.Ordinal) + 1)..] : ""),
        };
        Build.Session.Sent.SetLength(0);
        return Build.BuildAsync(dockerfile, spec => (more is null ? spec : more(spec)) with { Outputs = [output] });
    }

    /// <summary>What the registry has under a name, as skopeo reads it.</summary>
    public static async Task<JsonElement> ManifestAsync(string name)
    {
        var raw = (await Command.RunAsync("skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://" + name])).Succeeded().Output;
        return JsonDocument.Parse(raw).RootElement;
    }

    /// <summary>The archive that was sent last, as a directory of skopeo's: it has checked every digest.</summary>
    /// <param name="transport"><c>oci-archive</c>, <c>docker-archive</c></param>
    public async Task<JsonElement> CopyAsync(string transport, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("gantry-sent-").FullName;
        try
        {
            var archive = Path.Combine(folder, "archive.tar");
            await File.WriteAllBytesAsync(archive, Build.Session.Sent.ToArray());
            (await Command.RunAsync("skopeo", ["copy", "--quiet", .. options, $"{transport}:{archive}", $"dir:{folder}/out"])).Succeeded();
            return JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "out", "manifest.json"))).RootElement;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A file of the archive that was sent last.</summary>
    public byte[]? Sent(string name)
    {
        Build.Session.Sent.Position = 0;
        using var reader = new global::System.Formats.Tar.TarReader(Build.Session.Sent, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.Name != name || entry.DataStream is not { } data)
                continue;
            using var content = new MemoryStream();
            data.CopyTo(content);
            return content.ToArray();
        }

        return null;
    }

    /// <summary>A JSON document among the blobs of the archive that was sent last.</summary>
    public JsonElement SentDocument(string digestOrName) =>
        JsonDocument.Parse(Sent(digestOrName.StartsWith("sha256:", StringComparison.Ordinal) ? "blobs/" + digestOrName.Replace(':', '/') : digestOrName)!).RootElement;

    public async ValueTask DisposeAsync()
    {
        await Build.DisposeAsync();
        await Registry.DisposeAsync();
    }
}

using System.Text;
using Gantry.Archive;
using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary>Takes the files that a build sends, and puts them where <c>--output</c> says.</summary>
internal sealed class OutputReceiver(IReadOnlyList<OutputSpec> outputs) : IDisposable
{
    private readonly Dictionary<string, Stream> _open = [];

    /// <summary>Takes a piece of an output's archive.</summary>
    /// <param name="output">The output's place in the list.</param>
    /// <param name="isLast">Whether it is whole now.</param>
    /// <exception cref="GantryException">It cannot be written there.</exception>
    public void Take(string output, byte[] data, bool isLast)
    {
        if (!int.TryParse(output, out var place) || (uint)place >= (uint)outputs.Count)
            throw GantryException.Of(ErrorKind.Internal, "the engine sent files that nobody asked for");
        var spec = outputs[place];
        try
        {
            if (!_open.TryGetValue(output, out var target))
                _open[output] = target = Open(spec);
            target.Write(data);
            if (!isLast)
                return;
            if (spec.IsDirectory)
                Unpack(target, spec.Destination);
            target.Dispose();
            _open.Remove(output);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"cannot write {spec.Destination}: {EnvironmentFiles.Problem(e)}", cause: e);
        }
    }

    public void Dispose()
    {
        foreach (var target in _open.Values)
            target.Dispose();
    }

    // A directory comes as an archive: it is kept in a file that is gone with its descriptor, and unpacked when it is whole.
    private static Stream Open(OutputSpec spec) => spec switch
    {
        { IsDirectory: true } => new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 128 << 10, FileOptions.DeleteOnClose),
        { Destination: "-" } => Terminals.IsTerminal(1) ? throw new FlagException("dest file is required for this output. refusing to write to console") : DescriptorStream.Standard(1),
        _ => new FileStream(spec.Destination, FileMode.Create, FileAccess.Write),
    };

    private static void Unpack(Stream archive, string destination)
    {
        Directory.CreateDirectory(destination);
        var opened = Inodes.Open(null, [.. Encoding.UTF8.GetBytes(destination), 0], Inodes.ReadOnly | Inodes.Directory, 0, out var root);
        if (opened < 0)
            throw GantryException.Of(ErrorKind.Invalid, $"cannot open {destination}", cause: new SyscallException("open", -opened, destination));
        using (root)
        {
            archive.Position = 0;
            using var reader = new TarReader(archive);
            // As buildx leaves them: what is written here belongs to who asked for it.
            using var extraction = new TreeExtraction(root, "/", new ExtractionOptions { WithOwners = false });
            extraction.Write(reader, CancellationToken.None);
        }
    }
}

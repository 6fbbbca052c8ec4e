using System.Text;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Build;

/// <summary>COPY and ADD.</summary>
/// <remarks>Source: moby/buildkit dockerfile2llb/convert_copy.go.</remarks>
internal sealed class CopyCompiler(StageState stage, StageCommand command, StageWords words, CompileContext context)
{
    private readonly StepInputs _inputs = new();
    private readonly List<FileAction> _actions = [];
    private string _name = string.Empty;

    /// <exception cref="GantryException">Invalid: the instruction says what cannot be.</exception>
    public void Compile(CopyInstruction written)
    {
        var copy = Expand(written);
        var source = command.Sources is [{ } from] ? from : null;
        if (source is { IsDone: false })
            throw Invalid($"cannot copy from stage {GoText.Quote(copy.From ?? string.Empty)}, it needs to be defined before current stage {GoText.Quote(stage.DisplayName)}");
        CopyChecks.Check(copy);
        var shown = StepNames.Show(copy.Source, context.Expander, stage.Variables.Find);
        _name = StepNames.Next(stage, shown, command.IsTrigger, context);
        // Laid over the tree instead of written into it; a mode would have to know what is there.
        var isLinked = copy.Link && copy.Mode is null;
        var root = !isLinked && stage.Tree is { } tree ? _inputs.Add(tree) : (int?)null;
        var pattern = new CopyAction
        {
            From = 0,
            Sources = [],
            Destination = Destination(copy.Destination),
            Owner = copy.Owner,
            Mode = copy.Mode,
            Excludes = copy.Excludes,
        };
        foreach (var path in copy.Sources)
            Add(path, copy, source, pattern);
        foreach (var heredoc in copy.Heredocs)
            Add(heredoc, copy, pattern);
        var step = new FileStep(_name, _inputs.All, root, _actions) { Lines = copy.Lines, IgnoreCache = stage.IgnoresCache, Created = context.StepTime };
        stage.Tree = isLinked && stage.Tree is { } below
            ? new MergeStep([below, step]) { Name = StepNames.Again(stage, "LINK " + shown, command.IsTrigger, context), Lines = copy.Lines, IgnoreCache = stage.IgnoresCache }
            : step;
        stage.Image.Commit(History(copy), hasLayer: true, context.Epoch);
    }

    private CopyInstruction Expand(CopyInstruction written) => written with
    {
        Owner = OrNull(words.ExpandOrNull(written.Owner)),
        Mode = OrNull(words.ExpandOrNull(written.Mode)),
        Checksum = OrNull(words.ExpandOrNull(written.Checksum)),
        Excludes = [.. written.Excludes.Select(words.Expand)],
        Sources = [.. written.Sources.Select(words.Expand)],
        Destination = words.Expand(written.Destination),
        Heredocs = [.. written.Heredocs.Select(heredoc => heredoc with { Content = words.ExpandDocument(heredoc) })],
    };

    private void Add(string path, CopyInstruction copy, StageState? source, CopyAction pattern)
    {
        var git = GitReference.Find(path);
        if (git is { MayBePath: false })
            AddRepository(git, copy, pattern);
        else if (CopyChecks.IsUrl(path))
            AddDownload(path, copy, pattern);
        else
            AddFiles(path, copy, source, pattern);
    }

    private void AddRepository(GitReference git, CopyInstruction copy, CopyAction pattern)
    {
        if (!copy.IsAdd)
            throw Invalid("source can't be a git ref for COPY");
        if (copy.KeepGitDirectory is { } asked && git.KeepGitDirectory is { } said && asked != said)
            throw Invalid("inconsistent keep-git-dir configuration");
        if (copy.Checksum is { } checksum && git.Checksum is { } other && checksum != other)
            throw Invalid($"checksum mismatch {GoText.Quote(checksum)} != {GoText.Quote(other)}");
        var repository = git.ToSource(_name, copy.Lines, git.KeepGitDirectory ?? copy.KeepGitDirectory, git.Checksum ?? copy.Checksum);
        _actions.Add(pattern with { From = _inputs.Add(repository), Sources = ["/"] });
    }

    private void AddDownload(string url, CopyInstruction copy, CopyAction pattern)
    {
        if (!copy.IsAdd)
            throw Invalid("source can't be a URL for COPY");
        Digest? checksum = null;
        if (copy.Checksum is { } text)
            checksum = Digest.TryParse(text, out var digest) ? digest : throw Invalid("invalid checksum digest format");
        var name = Uri.TryCreate(url, UriKind.Absolute, out var address) ? GoPath.NameOf(Uri.UnescapeDataString(address.AbsolutePath)) : ".";
        if (name is "." or ".." or "/")
            name = "__unnamed__";
        var file = new HttpSource { Name = _name, Lines = copy.Lines, Url = url, FileName = name, Checksum = checksum };
        _actions.Add(pattern with { From = _inputs.Add(file), Sources = ["/" + name], Unpack = copy.Unpack ?? false });
    }

    private void AddFiles(string path, CopyInstruction copy, StageState? source, CopyAction pattern)
    {
        if (source is null)
            CheckIgnored(path, copy);
        // What "--parents" keeps begins behind "/./", and that must not be cleaned away.
        var pivot = copy.Parents ? path.IndexOf("/./", StringComparison.Ordinal) : -1;
        var from = pivot < 0 ? GoPath.Join("/", path) : $"{GoPath.Join("/", path[..pivot]).TrimEnd('/')}/./{GoPath.Join("/", path[(pivot + 3)..])[1..]}";
        _actions.Add(pattern with
        {
            From = source is null ? BuildContext.Input(context, path, _inputs) : TreeOf(source, path),
            Sources = [from],
            Parents = copy.Parents,
            Unpack = copy.Unpack ?? copy.IsAdd,
            HasWildcards = true,
        });
    }

    private int TreeOf(StageState source, string path)
    {
        source.Context?.Add(path);
        // An empty tree is a tree too: what is looked for in it is not there.
        return _inputs.Add(source.Tree ?? new FileStep("[internal] empty tree", [], null, []));
    }

    // Made as a file of its own, so that it lands as any copied file does: in a directory, if there is one of the destination's name.
    private void Add(Heredoc heredoc, CopyInstruction copy, CopyAction pattern)
    {
        var file = new FileStep(
            "[internal] preparing inline document",
            [],
            null,
            [new MakeFileAction { Path = "/" + heredoc.Name, Content = Encoding.UTF8.GetBytes(heredoc.Content) }])
        { Lines = copy.Lines };
        _actions.Add(pattern with { From = _inputs.Add(file), Sources = ["/" + heredoc.Name] });
    }

    private void CheckIgnored(string path, CopyInstruction copy)
    {
        // What exceptions take back in cannot be told without looking at the files.
        if (context.Ignored is not { HasExceptions: false } ignored)
            return;
        var cleaned = GoPath.Clean(path);
        var isIgnored = cleaned is "." or "/" ? context.Spec.Ignored[context.Build.Context].Any(static pattern => pattern is "*" or "**" or "**/*") : ignored.Matches(cleaned);
        if (isIgnored)
            context.Report.Add(LintRules.CopyIgnoredFile, LintMessages.CopyIgnoredFile(copy.IsAdd ? "Add" : "Copy", cleaned), copy);
    }

    // Ends in a slash where it must be a directory.
    private string Destination(string written)
    {
        var path = written.StartsWith('/') ? GoPath.Clean(written) : GoPath.Join("/", stage.Directory, written);
        var isDirectory = written is "" or "." || written.EndsWith('/') || written.EndsWith("/.", StringComparison.Ordinal);
        return isDirectory && path != "/" ? path + "/" : path;
    }

    private static string History(CopyInstruction copy)
    {
        var text = new StringBuilder(copy.IsAdd ? "ADD" : "COPY");
        if (copy.Parents)
            text.Append(" --parents");
        if (copy.Owner is { } owner)
            text.Append(" --chown=").Append(owner);
        if (copy.Mode is { } mode)
            text.Append(" --chmod=").Append(mode);
        foreach (var source in copy.Sources)
            text.Append(' ').Append(source);
        foreach (var heredoc in copy.Heredocs)
            text.Append(" <<").Append(heredoc.Name);
        return text.Append(' ').Append(copy.Destination).Append(" # buildkit").ToString();
    }

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}

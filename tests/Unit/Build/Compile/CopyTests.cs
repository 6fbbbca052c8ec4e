using System.Text;
using Gantry.Build;
using Xunit;

namespace Gantry.Tests.Unit.Build.Compile;

public sealed class CopyTests
{
    [Theory]
    [InlineData("COPY a b", "/a", "/b", "COPY a b # buildkit")]
    [InlineData("COPY ./a/../c /x/y", "/c", "/x/y", "COPY ./a/../c /x/y # buildkit")]
    [InlineData("COPY ../../a /x/", "/a", "/x/", "COPY ../../a /x/ # buildkit")]
    [InlineData("COPY /a .", "/a", "/", "COPY /a . # buildkit")]
    [InlineData("WORKDIR /w\nCOPY . .", "/", "/w/", "COPY . . # buildkit")]
    [InlineData("WORKDIR /w\nCOPY a ./", "/a", "/w/", "COPY a ./ # buildkit")]
    [InlineData("WORKDIR /w\nCOPY a ../b/.", "/a", "/b/", "COPY a ../b/. # buildkit")]
    [InlineData("WORKDIR /w\nCOPY a b", "/a", "/w/b", "COPY a b # buildkit")]
    [InlineData("ENV A=x\nCOPY $A.txt /d-$A", "/x.txt", "/d-x", "COPY x.txt /d-x # buildkit")]
    [InlineData("COPY --chown=1:2 --chmod=750 a /b", "/a", "/b", "COPY --chown=1:2 --chmod=750 a /b # buildkit")]
    [InlineData("ADD a /b", "/a", "/b", "ADD a /b # buildkit")]
    [InlineData("COPY [\"a b\", \"/c d\"]", "/a b", "/c d", "COPY a b /c d # buildkit")]
    [InlineData("COPY a*.[ch] /s/", "/a*.[ch]", "/s/", "COPY a*.[ch] /s/ # buildkit")]
    public void Files(string instructions, string source, string destination, string history)
    {
        var build = Compiling.Compile("FROM base\n" + instructions);
        var copy = build.OnlyCopy();
        Assert.Equal([source], copy.Sources);
        Assert.Equal(destination, copy.Destination);
        Assert.True(copy.HasWildcards);
        Assert.Equal(instructions.StartsWith("ADD", StringComparison.Ordinal), copy.Unpack);
        Assert.Equal("+ " + history, build.History()[^1]);
        Assert.IsType<LocalContext>(build.Target!.Inputs[copy.From]);
    }

    [Fact]
    public void SeveralSourcesAreSeveralCopiesOfOneStep()
    {
        var build = Compiling.Compile("FROM base\nCOPY --chown=me:us --chmod=u=rwX,go=rX --exclude=*.o --exclude=t a b* /d/");
        var copies = ((FileStep)build.Target!).Actions.Cast<CopyAction>().ToList();
        Assert.Equal(["/a", "/b*"], copies.SelectMany(static c => c.Sources));
        Assert.All(copies, static c => Assert.Equal(("me:us", "u=rwX,go=rX", "/d/"), (c.Owner, c.Mode, c.Destination)));
        Assert.All(copies, static c => Assert.Equal(["*.o", "t"], c.Excludes));
        Assert.Equal(["/a", "/b*"], build.Target!.SelectionOf(copies[0].From)!.Paths);
        Assert.Equal(["a", "b*"], build.Only<LocalContext>().FollowPaths);
        Assert.Equal("+ COPY --chown=me:us --chmod=u=rwX,go=rX a b* /d/ # buildkit", build.History()[^1]);
    }

    [Fact]
    public void OnlyWhatAllStagesUseOfTheContextIsSent()
    {
        var build = Compiling.Compile("FROM base AS a\nCOPY x /\nRUN --mount=source=m,target=/m r\nFROM base AS unused\nCOPY u /\nFROM a\nADD y http://h/z /d/\nCOPY --from=a s /");
        Assert.Equal(["m", "x", "y"], build.Only<LocalContext>().FollowPaths);
        Assert.Empty(Compiling.Compile("FROM base\nCOPY x /\nCOPY . /").Only<LocalContext>().FollowPaths);
    }

    [Fact]
    public void WhatIsLeftOutOfTheContextIsToldToTheClient() =>
        Assert.Equal(["*.md"], Compiling.Compile("FROM base\nCOPY . /", change: spec => spec with { Ignored = new Dictionary<string, IReadOnlyList<string>> { ["context"] = ["*.md"] } }).Only<LocalContext>().Excludes);

    [Theory]
    [InlineData("COPY --parents a/b/c /d", "/a/b/c", "/a/b/c")]
    [InlineData("COPY --parents x/./a/*.c /d/", "/x/./a/*.c", "/")]
    [InlineData("COPY --parents ./a /d/", "/a", "/a")]
    [InlineData("COPY --parents /./a/b /d/", "/./a/b", "/./a/b")]
    public void ParentsAreKeptBehindThePivot(string instruction, string source, string selected)
    {
        var build = Compiling.Compile("FROM base\n" + instruction);
        Assert.True(build.OnlyCopy().Parents);
        Assert.Equal([source], build.OnlyCopy().Sources);
        Assert.Equal([selected], build.Target!.SelectionOf(build.OnlyCopy().From)!.Paths);
        Assert.StartsWith("+ COPY --parents ", build.History()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void LinkedCopiesAreLaidOverTheTree()
    {
        var build = Compiling.Compile("FROM base\nCOPY --link a /b\n");
        var merge = Assert.IsType<MergeStep>(build.Target);
        Assert.Equal("[2/2] LINK COPY --link a /b", merge.Name);
        Assert.IsType<ImageSource>(merge.Inputs[0]);
        var copy = Assert.IsType<FileStep>(merge.Inputs[1]);
        Assert.Equal(("[2/2] COPY --link a /b", null), (copy.Name, copy.Root));
        Assert.Equal(["+ COPY a /b # buildkit"], build.History());
        Assert.IsType<FileStep>(Compiling.Compile("FROM scratch\nCOPY --link a /b").Target);
        Assert.Equal(0, Assert.IsType<FileStep>(Compiling.Compile("FROM base\nCOPY --link --chmod=1 a /b").Target).Root);
    }

    [Fact]
    public void HereDocumentsAreFiles()
    {
        var build = Compiling.Compile("FROM base\nENV A=1\nCOPY --chmod=755 <<one <<\"two\" /d/\n$A \"quoted\"\none\n$A\ntwo\n");
        var step = (FileStep)build.Target!;
        var copies = step.Actions.Cast<CopyAction>().ToList();
        Assert.Equal(["/one", "/two"], copies.SelectMany(static c => c.Sources));
        Assert.Equal(["1 \"quoted\"\n", "$A\n"], copies.Select(c => Encoding.UTF8.GetString(((MakeFileAction)((FileStep)step.Inputs[c.From]).Actions[0]).Content.Span)));
        Assert.Equal("+ COPY --chmod=755 <<one <<two /d/ # buildkit", build.History()[^1]);
    }

    [Theory]
    [InlineData("http://host/dir/file.tgz?x=1", "file.tgz")]
    [InlineData("https://host/a%20b", "a b")]
    [InlineData("https://host/", "__unnamed__")]
    [InlineData("https://host", "__unnamed__")]
    public void Downloads(string url, string name)
    {
        var build = Compiling.Compile($"FROM base\nADD {url} /d/");
        var file = build.Only<HttpSource>();
        Assert.Equal((url, name), (file.Url, file.FileName));
        var copy = build.OnlyCopy();
        Assert.Equal(["/" + name], copy.Sources);
        Assert.Equal((false, false), (copy.Unpack, copy.HasWildcards));
        Assert.True(Compiling.Compile($"FROM base\nADD --unpack {url} /d/").OnlyCopy().Unpack);
    }

    [Theory]
    [InlineData("https://h/r.git", "https://h/r.git", null, null, null)]
    [InlineData("https://h/r.git#main:sub/dir", "https://h/r.git", "main", "sub/dir", null)]
    [InlineData("https://h/r.git?branch=b&subdir=s", "https://h/r.git", "refs/heads/b", "s", null)]
    [InlineData("https://h/r.git?tag=v1&checksum=abc", "https://h/r.git", "refs/tags/v1", null, "abc")]
    [InlineData("https://h/r.git?commit=abc", "https://h/r.git", "abc", null, "abc")]
    [InlineData("git@h:o/r.git#v1", "git@h:o/r.git", "v1", null, null)]
    [InlineData("git://h/r", "git://h/r", null, null, null)]
    [InlineData("ssh://git@h/r#:d", "ssh://git@h/r", null, "d", null)]
    public void Repositories(string source, string remote, string? reference, string? directory, string? checksum)
    {
        var build = Compiling.Compile($"FROM base\nADD --keep-git-dir {source} /d");
        var git = build.Only<GitSource>();
        Assert.Equal((remote, reference, directory, checksum, true), (git.Url, git.Ref, git.Subdirectory, git.Checksum, git.KeepGitDirectory));
        Assert.Equal(["/"], build.OnlyCopy().Sources);
    }

    [Theory]
    [InlineData("ADD github.com/a/b /d")]
    [InlineData("ADD ./git@h:r /d")]
    public void WhatMayBeAPathIsOne(string instruction) => Assert.IsType<LocalContext>(Compiling.Compile("FROM base\n" + instruction).Target!.Inputs[1]);

    [Theory]
    [InlineData("COPY https://h/x /d", "source can't be a URL for COPY")]
    [InlineData("COPY https://h/x.git /d", "source can't be a git ref for COPY")]
    [InlineData("COPY --chmod=10000 a /d", "invalid chmod parameter: '10000'. it should be octal string and between 0 and 07777")]
    [InlineData("COPY --chmod=888 a /d", "invalid chmod parameter: '888'. it should be octal string and between 0 and 07777")]
    [InlineData("COPY --chmod=u=q a /d", "invalid chmod parameter: 'u=q'. it should be octal string and between 0 and 07777")]
    [InlineData("ADD --checksum=sha256:0 a /d", "checksum requires HTTP(S) or Git sources")]
    [InlineData("ADD --checksum=sha256:0 https://h/a https://h/b /d/", "checksum can't be specified for multiple sources")]
    [InlineData("ADD --checksum=md5:0 https://h/a /d", "invalid checksum digest format")]
    [InlineData("ADD --checksum=b https://h/a.git?checksum=c /d", "checksum mismatch \"b\" != \"c\"")]
    [InlineData("ADD --keep-git-dir=true https://h/a.git?keep-git-dir=false /d", "inconsistent keep-git-dir configuration")]
    [InlineData("ADD https://h/a.git?what=1 /d", "unexpected query \"what\"")]
    [InlineData("ADD https://h/a.git?tag=1&branch=2 /d", "branch conflicts with tag")]
    [InlineData("ADD https://h/a.git?ref=a#b /d", "ref conflicts: \"b\" vs \"a\"")]
    public void WhatCannotBeIsRefused(string instruction, string message) => Assert.Equal(message, Compiling.Refused("FROM base\n" + instruction).Message);

    [Theory]
    [InlineData("WORKDIR /a", "/a", "WORKDIR /a")]
    [InlineData("WORKDIR a\nWORKDIR ../b", "/b", "WORKDIR /b")]
    [InlineData("ENV D=/x\nUSER me\nWORKDIR $D/y/", "/x/y", "WORKDIR /x/y")]
    public void WorkingDirectoriesAreMade(string instructions, string path, string history)
    {
        var build = Compiling.Compile("FROM base\n" + instructions);
        var made = Assert.IsType<MakeDirectoryAction>(Assert.Single(((FileStep)build.Target!).Actions));
        Assert.Equal((path, instructions.Contains("USER", StringComparison.Ordinal) ? "me" : null), (made.Path, made.Owner));
        Assert.Equal(path, build.Configuration.Config!.WorkingDir);
        Assert.Equal("+ " + history, build.History()[^1]);
    }

    [Theory]
    [InlineData("submodules=false&mtime=commit&keep-git-dir&fetch-by-commit=true", true, true, true)]
    [InlineData("submodules&mtime=checkout&keep-git-dir=0", false, false, false)]
    public void ARepositorysQuerySaysHowItIsCheckedOut(string query, bool skipsSubmodules, bool keepsCommitTime, bool keepsGitDirectory)
    {
        var git = Compiling.Compile($"FROM base\nADD https://h/r.git?{query} /d").Only<GitSource>();
        Assert.Equal((skipsSubmodules, keepsCommitTime, keepsGitDirectory), (git.SkipsSubmodules, git.KeepsCommitTime, git.KeepGitDirectory));
    }

    [Fact]
    public void TheRootIsThereAlready()
    {
        var build = Compiling.Compile("FROM base\nWORKDIR /");
        Assert.IsType<ImageSource>(build.Target);
        Assert.Equal(["WORKDIR /"], build.History());
    }

    [Fact]
    public void TheContextMayBeARepositoryOrAnArchiveOfAServer()
    {
        var git = Compiling.Compile("FROM base\nCOPY a /", new() { Context = "https://h/r.git#main" }).Only<GitSource>();
        Assert.Equal("[internal] load git source https://h/r.git#main", git.Name);
        Assert.False(git.KeepGitDirectory);
        var arguments = new Dictionary<string, string?> { ["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] = "1" };
        Assert.True(Compiling.Compile("FROM base\nCOPY a /", new() { Context = "https://h/r.git", Arguments = arguments }).Only<GitSource>().KeepGitDirectory);
        var file = Compiling.Compile("FROM base\nCOPY a /", new() { Context = "https://h/c.tgz" }, spec => spec with { ContextIsArchive = true });
        Assert.Equal("context", file.Only<HttpSource>().FileName);
        Assert.True(((CopyAction)((FileStep)file.Target!.Inputs[1]).Actions[0]).Unpack);
    }
}

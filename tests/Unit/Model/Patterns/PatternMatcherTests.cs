using Gantry.Model;
using Gantry.Model.Patterns;
using Xunit;

namespace Gantry.Tests.Unit.Model.Patterns;

public sealed class PatternMatcherTests
{
    [Theory]
    [InlineData("node_modules", "node_modules", true)]
    [InlineData("node_modules", "node_modules/left/pad.js", true)]
    [InlineData("node_modules", "web/node_modules", false)]
    [InlineData("**/node_modules", "web/a/node_modules/x", true)]
    [InlineData("**/node_modules", "my_node_modules", false)]
    [InlineData("**modules", "web/node_modules", true)]
    [InlineData("*.log", "build.log", true)]
    [InlineData("*.log", "logs/build.log", false)]
    [InlineData("*/*.log", "logs/build.log", true)]
    [InlineData("**/*.log", "build.log", true)]
    [InlineData("out/**", "out", false)]
    [InlineData("out/**", "out/bin/app", true)]
    [InlineData("out/**/app", "out/app", true)]
    [InlineData("out/**/app", "out/x/y/app", true)]
    [InlineData("out/**/app", "out/x/yapp", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("a?c", "a\U0001F600c", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[^a-c]x", "bx", false)]
    [InlineData("[^a-c]x", "zx", true)]
    [InlineData("[\\]]", "]", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("a.b", "axb", false)]
    [InlineData("a+(b)|{c}$", "a+(b)|{c}$", true)]
    [InlineData("a+(*)", "a+(b)", true)]
    [InlineData("./x/../y/", "y/z", true)]
    [InlineData("  y  ", "y", true)]
    [InlineData("**", "anything/at/all", true)]
    [InlineData("*", "anything/at/all", true)]
    [InlineData("v\\d*", "v7", true)]
    [InlineData("v\\d*", "vd", false)]
    [InlineData("[*]x", "axx", false)]
    [InlineData("^a*", "ab", true)]
    [InlineData("b^a*", "b^a", false)]
    [InlineData("**/", "web", true)]
    [InlineData("**/**", "web/a", true)]
    [InlineData("**/**/*.c", "x.c", true)]
    [InlineData("lib**/*.so", "lib/x.so", true)]
    [InlineData("lib**/*.so", "lib64/a/x.so", true)]
    [InlineData("lib/*.so**", "lib/x.so.1", true)]
    [InlineData("lib/*.so**", "lib/a/x.so", false)]
    [InlineData("**/.git", "my.git", false)]
    [InlineData("x\\\\", "x\\", true)]
    [InlineData("[p\\-]", "-", true)]
    [InlineData("[\\-p]", "q", false)]
    [InlineData("[k-\u03c9]", "\u03bb", true)]
    [InlineData("a[^p]b", "a/b", true)]
    [InlineData("p???q", "p\U0001F600q", false)]
    public void OnePatternFitsAPathOrADirectoryAboveIt(string pattern, string path, bool matches)
    {
        var matcher = PatternMatcher.Parse([pattern]);
        Assert.Equal(matches, matcher.Matches(path));
        Assert.Equal(matches, Walk(matcher, path));
    }

    [Theory]
    [InlineData("docs !docs/README.md", "docs/README.md", false)]
    [InlineData("docs !docs/README.md", "docs/other.md", true)]
    [InlineData("!docs/README.md docs", "docs/README.md", true)]
    [InlineData("* !src src/gen", "src/main.c", false)]
    [InlineData("* !src src/gen", "src/gen/a.c", true)]
    [InlineData("* !src src/gen !src/gen/keep", "src/gen/keep/a.c", false)]
    [InlineData("** !**/*.go", "a/b/c.go", false)]
    [InlineData("** !**/*.go", "a/b/c.rs", true)]
    [InlineData("a !b", "b/a", false)]
    public void TheLastPatternThatFitsDecides(string patterns, string path, bool matches)
    {
        var matcher = PatternMatcher.Parse(patterns.Split(' '));
        Assert.Equal(matches, matcher.Matches(path));
        Assert.Equal(matches, Walk(matcher, path));
    }

    [Fact]
    public void DirectoriesAboveDoNotCountWhereTheMatchIsToBeExact()
    {
        var matcher = PatternMatcher.Parse(["docs", "!docs/a"]);
        Assert.True(matcher.MatchesExactly("docs"));
        Assert.False(matcher.MatchesExactly("docs/b"));
    }

    [Theory]
    [InlineData("docs", "docs", false)]
    [InlineData("docs !docs/a/b", "docs", true)]
    [InlineData("docs !docs/a/b", "docs/a", true)]
    [InlineData("docs !docs/a/b", "docs/a/b", true)]
    [InlineData("docs !docs/a/b", "docs/c", false)]
    [InlineData("docs !docs/a/*", "docs/a", true)]
    [InlineData("docs !docs/a/**", "docs/ab", false)]
    [InlineData("docs !docsy", "docs", false)]
    [InlineData("docs !**/a", "docs/anywhere", true)]
    [InlineData("docs !docs/?", "elsewhere", true)]
    public void AnExcludedDirectoryIsWalkedWhereAnExceptionMayLieBeneath(string patterns, string directory, bool walked) =>
        Assert.Equal(walked, PatternMatcher.Parse(patterns.Split(' ')).MayHoldException(directory));

    [Theory]
    [InlineData("src/main", "src", true)]
    [InlineData("src/main", "srcs", false)]
    [InlineData("src/*.c", "test", true)]
    [InlineData("src/**", "test", false)]
    [InlineData("!test", "test", false)]
    public void ADirectoryIsWalkedWhereAMatchMayLieBeneath(string pattern, string directory, bool walked) =>
        Assert.Equal(walked, PatternMatcher.Parse([pattern]).MayHoldMatch(directory));

    [Theory]
    [InlineData("!")]
    [InlineData("[")]
    [InlineData("a[")]
    [InlineData("[]a]")]
    [InlineData("[a-]")]
    [InlineData("[-a]")]
    [InlineData("a\\")]
    [InlineData("[^")]
    [InlineData("[p-q-r]")]
    public void MalformedPatternsAreRefused(string pattern) =>
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => PatternMatcher.Parse(["ok", pattern])).Kind);

    [Fact]
    public void APatternThatOnlyTheExpressionFindsMalformedIsRefusedEachTimeItIsTried()
    {
        var matcher = PatternMatcher.Parse(["[Z-A]x"]);
        for (var i = 0; i < 2; i++)
            Assert.Equal("syntax error in pattern", Assert.Throws<GantryException>(() => matcher.Matches("y")).Message);
    }

    [Fact]
    public void EmptyPatternsSayNothing()
    {
        Assert.True(PatternMatcher.Parse(["", "  "]).IsEmpty);
        Assert.False(PatternMatcher.Parse([]).Matches("a/b"));
        Assert.False(PatternMatcher.Parse(["a"]).HasExceptions);
        Assert.True(PatternMatcher.Parse(["a", " !b "]).HasExceptions);
    }

    [Fact]
    public void APatternOfStarsTakesNoTimeToSpeakOf()
    {
        // An expression that backtracks would need longer than the universe has been there.
        var matcher = PatternMatcher.Parse([string.Concat(Enumerable.Repeat("**/*a", 40)) + "z"]);
        Assert.False(matcher.MatchesExactly(string.Concat(Enumerable.Repeat("aaaa/", 400)) + "b"));
        Assert.False(Wildcard.Parse(string.Concat(Enumerable.Repeat("a*", 100)) + "z").Matches(new string('a', 5000)));
    }

    // As a walk comes by: from the directory above all down.
    private static bool Walk(PatternMatcher matcher, string path)
    {
        PathMatch match = default;
        for (var end = path.IndexOf('/', StringComparison.Ordinal); end >= 0; end = path.IndexOf('/', end + 1))
            match = matcher.Match(path[..end], match);
        return matcher.Match(path, match).IsMatch;
    }
}

using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Build.Expansion;

public sealed class ExpanderTests
{
    private static readonly Dictionary<string, string> _variables = new()
    {
        ["NAME"] = "gantry",
        ["EMPTY"] = "",
        ["FILE"] = "lib/core/mod.tar.gz",
        ["SPACED"] = "two  words",
        ["STARS"] = "a*b*c",
        ["Größe"] = "10",
    };

    private static Gantry.Build.Expansion Expand(string text, Expander? expander = null) => (expander ?? new()).Expand(text, _variables.GetValueOrDefault);

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("$NAME/bin", "gantry/bin")]
    [InlineData("${NAME}rc", "gantryrc")]
    [InlineData("$NAME_X-", "-")]
    [InlineData("$Größe", "10")]
    [InlineData("x$MISSING", "x")]
    [InlineData("cost: 5$", "cost: 5$")]
    [InlineData("$ x", "$ x")]
    public void NamesAreReplaced(string text, string expected) => Assert.Equal(expected, Expand(text).Text);

    [Theory]
    [InlineData("${NAME:-other}", "gantry")]
    [InlineData("${EMPTY:-other}", "other")]
    [InlineData("${MISSING:-other}", "other")]
    [InlineData("${NAME-other}", "gantry")]
    [InlineData("${EMPTY-other}", "")]
    [InlineData("${MISSING-other}", "other")]
    [InlineData("${NAME:+other}", "other")]
    [InlineData("${EMPTY:+other}", "")]
    [InlineData("${MISSING:+other}", "")]
    [InlineData("${NAME+other}", "other")]
    [InlineData("${EMPTY+other}", "other")]
    [InlineData("${MISSING+other}", "")]
    [InlineData("${NAME:?other}", "gantry")]
    [InlineData("${NAME?other}", "gantry")]
    [InlineData("${EMPTY?other}", "")]
    [InlineData("${MISSING:-${ALSO:-$NAME}}", "gantry")]
    [InlineData("${MISSING:-'a}b'}", "a}b")]
    [InlineData(@"${MISSING:-a\}b}", "a}b")]
    [InlineData("${NAME:+-${NAME}}.tar", "-gantry.tar")]
    public void WordsStandInForValues(string text, string expected) => Assert.Equal(expected, Expand(text).Text);

    [Theory]
    [InlineData("${FILE#*/}", "core/mod.tar.gz")]
    [InlineData("${FILE##*/}", "mod.tar.gz")]
    [InlineData("${FILE%.*}", "lib/core/mod.tar")]
    [InlineData("${FILE%%.*}", "lib/core/mod")]
    [InlineData("${FILE%/*/*}", "lib")]
    [InlineData("${FILE#nothing}", "lib/core/mod.tar.gz")]
    [InlineData("${FILE#}", "lib/core/mod.tar.gz")]
    [InlineData("${FILE##lib?}", "core/mod.tar.gz")]
    [InlineData(@"${STARS#a\*}", "b*c")]
    [InlineData(@"${STARS%\*?}", "a*b")]
    [InlineData("${STARS#[ab]}", "a*b*c")]
    [InlineData("${FILE%$MISSING.gz}", "lib/core/mod.tar")]
    [InlineData("${MISSING#x}", "")]
    public void EndsAreCut(string text, string expected) => Assert.Equal(expected, Expand(text).Text);

    [Theory]
    [InlineData("${FILE/o/0}", "lib/c0re/mod.tar.gz")]
    [InlineData("${FILE//o/0}", "lib/c0re/m0d.tar.gz")]
    [InlineData(@"${FILE/\//-}", "lib-core/mod.tar.gz")]
    [InlineData(@"${FILE//\//-}", "lib-core-mod.tar.gz")]
    [InlineData("${FILE/c*e/x}", "lib/x/mod.tar.gz")]
    [InlineData("${FILE/absent/x}", "lib/core/mod.tar.gz")]
    [InlineData("${NAME//?/x}", "xxxxxx")]
    [InlineData("${NAME//*/x}", "x")]
    [InlineData("${NAME//$EMPTY/-}", "-g-a-n-t-r-y-")]
    [InlineData("${FILE//.*/}", "lib/core/mod")]
    [InlineData("${MISSING/a/b}", "")]
    public void PartsAreReplaced(string text, string expected) => Assert.Equal(expected, Expand(text).Text);

    [Theory]
    [InlineData(@"\$NAME", "$NAME")]
    [InlineData(@"\\$NAME", @"\gantry")]
    [InlineData("'$NAME'", "$NAME")]
    [InlineData("\"$NAME\"", "gantry")]
    [InlineData(@"""\$NAME \"" \\ \x""", @"$NAME "" \ \x")]
    [InlineData(@"'a\b'", @"a\b")]
    [InlineData("'it''s'", "its")]
    [InlineData(@"end\", "end")]
    public void QuotesAndEscapes(string text, string expected) => Assert.Equal(expected, Expand(text).Text);

    [Theory]
    [InlineData("[$1][$2x][$42]")]
    [InlineData("[$0][$@][$*]")]
    [InlineData("[$#][$?][$-]")]
    [InlineData("[$$][$!][${7}]")]
    public void ParametersOfTheShellAreEmpty(string text) => Assert.Equal(text.Contains('x', StringComparison.Ordinal) ? "[][x][]" : "[][][]", Expand(text).Text);

    [Theory]
    [InlineData("a  b\tc", "a|b|c")]
    [InlineData(" a 'b c' ", "a|b c")]
    [InlineData(@"a\ b c", "a b|c")]
    [InlineData("$SPACED", "two|words")]
    [InlineData("\"$SPACED\" x", "two  words|x")]
    [InlineData("a${SPACED}b", "atwo|wordsb")]
    [InlineData("a'' '' b", "a|b")]
    public void WordsAreCutAfterVariablesAreReplaced(string text, string expected) => Assert.Equal(expected, string.Join('|', Expand(text).Words));

    [Fact]
    public void WhatWasNamedIsKnown()
    {
        var expansion = Expand("$NAME ${MISSING:-$EMPTY} ${FILE#$ALSO} '$QUOTED' \\$ESCAPED");
        Assert.Equal(["EMPTY", "FILE", "NAME"], expansion.Matched.Order());
        Assert.Equal(["ALSO", "MISSING"], expansion.Unmatched.Order());
    }

    [Fact]
    public void OtherEscapes()
    {
        var expander = new Expander('`');
        Assert.Equal(@"$NAME C:\gantry", Expand(@"`$NAME C:\$NAME", expander).Text);
        Assert.Equal(@"""", Expand("\"`\"\"", expander).Text);
    }

    [Fact]
    public void WhatStays()
    {
        Assert.Equal("'a' \"gantry\"", Expand("'a' \"$NAME\"", new() { KeepsQuotes = true }).Text);
        Assert.Equal(@"a\ b", Expand(@"a\ b", new() { KeepsEscapes = true }).Text);
        Assert.Equal("it's \"gantry\"", Expand("it's \"$NAME\"", new() { IgnoresQuotes = true }).Text);
        Assert.Equal("$MISSING ${MISSING} ${MISSING:-a} ${MISSING#b} ${MISSING/a/b} gantry", Expand("$MISSING ${MISSING} ${MISSING:-a} ${MISSING#b} ${MISSING/a/b} $NAME", new() { KeepsUnset = true }).Text);
    }

    [Theory]
    [InlineData("${", "syntax error: missing '}'")]
    [InlineData("${NAME", "syntax error: missing '}'")]
    [InlineData("${NAME:-x", "syntax error: missing '}'")]
    [InlineData("${NAME:", "syntax error: missing '}'")]
    [InlineData("${NAME#x", "syntax error: missing '}'")]
    [InlineData("${}", "syntax error: bad substitution")]
    [InlineData("${{NAME}}", "syntax error: bad substitution")]
    [InlineData("${:-x}", "syntax error: bad substitution")]
    [InlineData("${NAME=x}", "unsupported modifier (=) in substitution")]
    [InlineData("${NAME:=x}", "unsupported modifier (:=) in substitution")]
    [InlineData("${NAME:#x}", "unsupported modifier (:#) in substitution")]
    [InlineData("${NAME/x}", "syntax error: missing '/' in ${}")]
    [InlineData("${NAME/x/y", "syntax error: missing '}'")]
    [InlineData("'x", "unexpected end of statement while looking for matching single-quote")]
    [InlineData("\"x", "unexpected end of statement while looking for matching double-quote")]
    [InlineData("${EMPTY:?}", "EMPTY: is not allowed to be empty")]
    [InlineData("${MISSING?}", "MISSING: is not allowed to be unset")]
    [InlineData("${MISSING:?say $NAME}", "MISSING: say gantry")]
    [InlineData(@"${NAME#\x}", @"invalid pattern (\x) in substitution: invalid escape '\x'")]
    [InlineData(@"${NAME/\x/y}", @"invalid pattern (\x) in substitution: invalid escape '\x'")]
    public void RefusalsSayWhatIsWrong(string text, string expected)
    {
        var failure = Assert.Throws<GantryException>(() => Expand(text));
        Assert.Equal(ErrorKind.Invalid, failure.Kind);
        Assert.Equal($"failed to process {GoText.Quote(text)}: {expected}", failure.Message);
    }

    [Theory]
    [InlineData("$V$V$V$V$V")]
    [InlineData("${V:-$V$V$V}${V:+$V$V}")]
    [InlineData("${V//?/$W}")]
    public void VariablesDoNotFillTheMemory(string text)
    {
        var variables = new Dictionary<string, string> { ["V"] = new('v', 300_000), ["W"] = new('w', 300_000) };
        var failure = Assert.Throws<GantryException>(() => new Expander().Expand(text, variables.GetValueOrDefault));
        Assert.EndsWith("more than 1048576 characters come of variables", failure.Message, StringComparison.Ordinal);
        // A text itself is as long as it is.
        Assert.Equal(2_000_000, new Expander().Expand(new('x', 2_000_000), variables.GetValueOrDefault).Text.Length);
    }

    [Fact]
    public void HostileTextsEnd()
    {
        var nested = string.Concat(Enumerable.Repeat("${a:-", 100_000));
        Assert.Throws<GantryException>(() => Expand(nested));
        // A backtracking matcher would need longer than the world has been there.
        var value = new string('a', 5_000);
        var pattern = string.Concat(Enumerable.Repeat("*a", 40)) + "b";
        Assert.Equal(value, new Expander().Expand($"${{V##{pattern}}}", _ => value).Text);
        Assert.Equal(value, new Expander().Expand($"${{V//{pattern}/x}}", _ => value).Text);
    }
}

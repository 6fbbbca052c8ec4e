using System.Globalization;

namespace Gantry.Build;

/// <summary>Where a step stands, read from the name that people are shown: <c>[build 2/5] RUN make</c>.</summary>
/// <param name="Stage">Empty: the stage has no name, or the step is in none.</param>
/// <param name="Number">From 1; 0: it has none.</param>
/// <param name="Text">The instruction, variables replaced.</param>
internal readonly record struct StepPlace(string Stage, int Number, string Text)
{
    /// <summary>The instruction's first word.</summary>
    public string Instruction => Text.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? Text[..space] : Text;

    public static StepPlace Of(string name)
    {
        var end = name.IndexOf("] ", StringComparison.Ordinal);
        if (end < 0 || name[0] != '[')
            return new(string.Empty, 0, name);
        var (head, text) = (name[1..end], name[(end + 2)..]);
        var space = head.LastIndexOf(' ');
        var slash = head.IndexOf('/', space + 1);
        return slash > 0 && int.TryParse(head.AsSpan(space + 1, slash - space - 1), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var number)
            ? new(space < 0 ? string.Empty : head[..space].TrimEnd(), number, text)
            : new(head, 0, text);
    }
}

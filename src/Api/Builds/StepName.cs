using System.Globalization;

namespace Gantry.Api.Builds;

/// <summary>What the name of a vertex says: <c>[build 2/4] RUN make</c> is the second of four steps. Pure.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Total">How many steps its stage has.</param>
/// <param name="Text">The instruction.</param>
internal readonly record struct StepName(int Number, int Total, string Text)
{
    public bool IsRun => Text.StartsWith("RUN ", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a name; null: it is no instruction's, as <c>[internal] load build context</c> or <c>exporting to image</c>.</summary>
    public static StepName? Parse(string name)
    {
        var end = name.IndexOf("] ", StringComparison.Ordinal);
        if (end < 0 || name[0] != '[')
            return null;
        // Before the count there may stand a platform and a stage: [linux/arm64 build 2/4].
        var place = name.AsSpan(1, end - 1);
        var count = place[(place.LastIndexOf(' ') + 1)..];
        var slash = count.IndexOf('/');
        return slash > 0 && Read(count[..slash]) is { } number && Read(count[(slash + 1)..]) is { } total ? new(number, total, name[(end + 2)..]) : null;
    }

    private static int? Read(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

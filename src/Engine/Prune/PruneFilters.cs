using Gantry.Engine.Images;
using Gantry.Engine.Operations;
using Gantry.Model;

namespace Gantry.Engine.Prune;

/// <summary>The filters that all prunes share: <c>until</c>, <c>label</c> and <c>label!</c>. Pure.</summary>
/// <remarks>Source: moby daemon/prune.go.</remarks>
internal sealed class PruneFilters
{
    private readonly Filters _filters;
    private readonly DateTimeOffset _until = DateTimeOffset.MaxValue;

    /// <param name="known">The keys that the prune has besides.</param>
    /// <exception cref="GantryException">Invalid: an unknown key, a malformed time, several times.</exception>
    public PruneFilters(Filters filters, DateTimeOffset now, params ReadOnlySpan<string> known)
    {
        filters.Validate(["label", "label!", .. known]);
        _filters = filters;
        if (!filters.Has("until"))
            return;
        _until = filters["until"] is [var one] ? ImageTimes.Moment(one, now) : throw GantryException.Of(ErrorKind.Invalid, "more than one until filter specified");
    }

    /// <summary>Whether something is to be pruned.</summary>
    /// <param name="created">Null: nobody knows, so a bound in time spares it.</param>
    public bool Match(DateTimeOffset? created, IReadOnlyDictionary<string, string>? labels) =>
        (_until == DateTimeOffset.MaxValue || created <= _until)
        && _filters.All("label", value => Filters.LabelMatches(labels, value))
        && !(_filters.Has("label!") && _filters.All("label!", value => Filters.LabelMatches(labels, value)));
}

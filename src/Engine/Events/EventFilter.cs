using Gantry.Engine.Operations;
using Gantry.Model.Api;

namespace Gantry.Engine.Events;

/// <summary>Decides which events a listener hears.</summary>
/// <remarks>Source: moby daemon/events/filter.go.</remarks>
public sealed class EventFilter
{
    private static readonly string[] s_known =
        ["builder", "config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret", "service", "type", "volume"];

    private readonly Filters _filters;

    /// <summary>Takes a request's filters.</summary>
    /// <exception cref="Model.GantryException">Invalid: an unknown key.</exception>
    public EventFilter(Filters filters)
    {
        filters.Validate(s_known);
        _filters = filters;
    }

    /// <summary>Whether the event passes every filter.</summary>
    public bool Matches(EventMessage message) =>
        _filters.Any("event", value => ActionMatches(message.Action!, value))
        && _filters.Exact("type", message.Type!)
        && _filters.Exact("scope", message.Scope!)
        && ActorMatches(message, "daemon")
        && ActorMatches(message, "container")
        && ActorMatches(message, "plugin")
        && ActorMatches(message, "volume")
        && ActorMatches(message, "network")
        && ActorMatches(message, "image", alsoContainers: true)
        && ActorMatches(message, "builder")
        && _filters.All("label", value => Filters.LabelMatches(message.Actor!.Attributes, value));

    /// <summary>An action is named whole, or by what stands before its colon: <c>exec_create</c> for <c>exec_create: ls</c>.</summary>
    private static bool ActionMatches(string action, string wanted) =>
        action == wanted || (action.StartsWith(wanted, StringComparison.Ordinal) && action.AsSpan(wanted.Length).StartsWith(": "));

    private bool ActorMatches(EventMessage message, string type, bool alsoContainers = false)
    {
        if (!_filters.Has(type))
            return true;
        var actor = message.Actor!;
        if (message.Type == type)
        {
            var name = actor.Attributes?.GetValueOrDefault("name");
            return _filters.Any(type, value => actor.ID == value || name == value || (value.Length >= 4 && actor.ID!.StartsWith(value, StringComparison.Ordinal))
                || (type == "image" && ImageMatches(actor.ID!, value)));
        }
        // An image's events include those of the containers made of it.
        return alsoContainers && message.Type == "container" && actor.Attributes?.GetValueOrDefault("image") is { } image
            && _filters.Any(type, value => ImageMatches(image, value));
    }

    /// <summary>A reference matches with its tag or without.</summary>
    private static bool ImageMatches(string image, string wanted)
    {
        if (image == wanted)
            return true;
        var colon = image.LastIndexOf(':');
        return colon > image.LastIndexOf('/') && image.AsSpan(0, colon).SequenceEqual(wanted);
    }
}

using Gantry.Engine.Operations;
using Gantry.Model.Api;

namespace Gantry.Engine.Events;

/// <summary>Decides which events a listener hears.</summary>
/// <remarks>Source: moby daemon/events/filter.go.</remarks>
public sealed class EventFilter
{
    private static readonly string[] s_known =
        ["builder", "config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret", "service", "type", "volume"];

    /// <summary>Filters by an actor are named after its type.</summary>
    private static readonly string[] s_actors = ["builder", "config", "container", "daemon", "network", "node", "plugin", "secret", "service", "volume"];

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
        && Array.TrueForAll(s_actors, type => ActorMatches(message, type))
        && ImageMatches(message)
        && _filters.All("label", value => Filters.LabelMatches(message.Actor!.Attributes, value));

    /// <summary>An action is named whole, or by what stands before its colon: <c>exec_create</c> for <c>exec_create: ls</c>.</summary>
    private static bool ActionMatches(string action, string wanted) =>
        action == wanted || (action.StartsWith(wanted, StringComparison.Ordinal) && action.AsSpan(wanted.Length).StartsWith(": "));

    /// <summary>By the actor's id or name, or the beginning of either.</summary>
    private bool ActorMatches(EventMessage message, string type) => !_filters.Has(type) || (message.Type == type
        && _filters.Any(type, value => message.Actor!.ID!.StartsWith(value, StringComparison.Ordinal) || message.Actor.Attributes?.GetValueOrDefault("name")?.StartsWith(value, StringComparison.Ordinal) == true));

    /// <summary>An image's events include those of the containers made of it; a reference matches with its tag or without.</summary>
    private bool ImageMatches(EventMessage message)
    {
        if (!_filters.Has("image"))
            return true;
        var name = message.Actor!.Attributes?.GetValueOrDefault(message.Type == "image" ? "name" : "image") ?? "";
        return _filters.Any("image", value => value == message.Actor.ID || value == name || value == WithoutTag(message.Actor.ID!) || value == WithoutTag(name));
    }

    private static string WithoutTag(string image)
    {
        var colon = image.LastIndexOf(':');
        return colon > image.LastIndexOf('/') ? image[..colon] : image;
    }
}

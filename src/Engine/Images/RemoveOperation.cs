using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>Takes names away, and images with them when nothing else holds them.</summary>
/// <remarks>Source: moby daemon/images/image_delete.go: what may be forced and what not, and in which order.</remarks>
internal sealed class RemoveOperation(ImageRoom room, ImageLookup lookup)
{
    private readonly List<ImageDeleteResponseItem> _done = [];

    /// <summary>Removes a name, or an image by its id.</summary>
    /// <param name="prune">Whether images go along that it was made on, that have no names and nothing else needs.</param>
    public IReadOnlyList<ImageDeleteResponseItem> Run(string nameOrId, bool force, bool prune = true)
    {
        var (image, reference) = lookup.Get(nameOrId);
        if (reference is not null)
        {
            if (!RemoveReference(image, reference, nameOrId, force))
                return _done;
            // The name is gone and was the last one; what else holds the image keeps it, silently.
            var rest = room.Content.Images.Find(image.Id)!;
            if (Conflict(rest, force) is null)
                Delete(rest, prune);
            return _done;
        }

        if (IsSingle(image))
        {
            // Removing by id removes the only name on the way; that needs no force.
            if (HeldConflict(image, force) is { } held)
                throw held;
            Untag(image, [.. image.Tags, .. image.Digests]);
        }
        else if (Conflict(image, force) is { } conflict)
        {
            throw conflict;
        }

        Delete(room.Content.Images.Find(image.Id)!, prune);
        return _done;
    }

    // At most one tag, and all names within one repository.
    private static bool IsSingle(ImageRecord image) =>
        image.Tags.Count <= 1 && image.Tags.Concat(image.Digests).Select(n => n.Name).Distinct().Count() <= 1;

    // True when the image has no name any more.
    private bool RemoveReference(ImageRecord image, ImageReference reference, string asked, bool force)
    {
        if (!force && IsSingle(image) && room.Use.UsersOf(image.Id) is [var user, ..])
            throw ImageErrors.ReferenceInUse(asked, user.Id.ToString(), image.Id);
        var names = image.Tags.Concat(image.Digests).ToList();
        if (!names.Contains(reference))
            throw ImageErrors.NoSuchImage(reference.Familiar);
        List<ImageReference> doomed = [reference];
        // Digests go with the last tag of their repository.
        if (reference.Digest is null && !image.Tags.Any(t => t != reference && t.Name == reference.Name))
            doomed.AddRange(image.Digests.Where(d => d.Name == reference.Name));
        Untag(image, doomed);
        return names.Count == doomed.Count;
    }

    private void Untag(ImageRecord image, IReadOnlyList<ImageReference> names)
    {
        room.Content.Images.Untag(names);
        foreach (var name in names)
        {
            _done.Add(new() { Untagged = name.Familiar });
            room.Tell("untag", image.Id.ToString(), image.Id.ToString(), image.Id);
        }
    }

    private GantryException? Conflict(ImageRecord image, bool force) =>
        HeldConflict(image, force) ?? (!force && image.Tags.Count + image.Digests.Count > 0 ? ImageErrors.ReferencedOften(image.Id) : null);

    private GantryException? HeldConflict(ImageRecord image, bool force)
    {
        if (room.Content.Images.HasChildren(image.Id))
            return ImageErrors.HasDependents(image.Id);
        var users = room.Use.UsersOf(image.Id);
        if (users.FirstOrDefault(u => u.Running) is { } running)
            return ImageErrors.UsedByRunning(image.Id, running.Id.ToString());
        return !force && users is [var stopped, ..] ? ImageErrors.UsedByStopped(image.Id, stopped.Id.ToString()) : null;
    }

    private void Delete(ImageRecord image, bool prune)
    {
        Untag(image, [.. image.Tags, .. image.Digests]);
        var others = room.Content.Images.ChainsOfOthers(image.Id);
        var layers = room.Content.Images.Layers(image.Id);
        room.Tell("delete", image.Id.ToString(), image.Id.ToString(), image.Id);
        room.Content.Images.Remove(image.Id);
        _done.Add(new() { Deleted = image.Id.ToString() });
        foreach (var (_, chainId) in layers.Reverse().Where(l => !others.Contains(l.ChainId)))
            _done.Add(new() { Deleted = chainId.ToString() });
        if (prune && image.Parent is { } below && room.Content.Images.Find(below) is { } parent && Conflict(parent, force: false) is null)
            Delete(parent, prune);
        room.Content.Collector.Collect();
    }
}

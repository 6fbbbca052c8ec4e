using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Namespaces;

/// <summary>Which namespaces a container gets new and which it joins. Pure.</summary>
/// <param name="New">CLONE_NEW* of the namespaces to make.</param>
/// <param name="Joined">Type and path of the namespaces to join; the path is null for one given as a descriptor.</param>
internal sealed record NamespacePlan(uint New, IReadOnlyList<(string Type, uint Flag, string? Path)> Joined)
{
    private static readonly (string Type, uint Flag)[] Kinds =
    [
        // In the order in which they are joined: the user namespace first, as it gives the rights for the others.
        ("user", Kernel.Sys.Namespaces.CLONE_NEWUSER),
        ("pid", Kernel.Sys.Namespaces.CLONE_NEWPID),
        ("network", Kernel.Sys.Namespaces.CLONE_NEWNET),
        ("ipc", Kernel.Sys.Namespaces.CLONE_NEWIPC),
        ("uts", Kernel.Sys.Namespaces.CLONE_NEWUTS),
        ("cgroup", Kernel.Sys.Namespaces.CLONE_NEWCGROUP),
        ("time", Kernel.Sys.Namespaces.CLONE_NEWTIME),
        ("mount", Kernel.Sys.Namespaces.CLONE_NEWNS),
    ];

    /// <summary>Reads the config.</summary>
    /// <param name="namespaces">As the config has them.</param>
    /// <param name="given">Types that the caller gives as descriptors.</param>
    /// <exception cref="GantryException">Invalid: an unknown or repeated type.</exception>
    public static NamespacePlan Of(IReadOnlyList<LinuxNamespace>? namespaces, IEnumerable<string> given)
    {
        uint created = 0;
        var joined = new List<(string, uint, string?)>();
        var byDescriptor = given.ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in namespaces ?? [])
        {
            if (FlagOf(item.Type) == 0) throw GantryException.Of(ErrorKind.Invalid, $"unknown namespace type \"{item.Type}\": use pid, network, mount, ipc, uts, user, cgroup or time");
            if (!seen.Add(item.Type)) throw GantryException.Of(ErrorKind.Invalid, $"namespace type \"{item.Type}\" is listed twice");
        }

        foreach (var (type, flag) in Kinds)
        {
            var item = namespaces?.FirstOrDefault(n => n.Type == type);
            if (byDescriptor.Contains(type)) joined.Add((type, flag, null));
            else if (item is { Path.Length: > 0 }) joined.Add((type, flag, item.Path));
            else if (item is not null) created |= flag;
        }

        return new NamespacePlan(created, joined);
    }

    /// <summary>CLONE_NEW* of a type; 0 when unknown.</summary>
    public static uint FlagOf(string type) => Kinds.FirstOrDefault(kind => kind.Type == type).Flag;

    /// <summary>Whether the container makes a namespace of this kind.</summary>
    public bool IsNew(uint flag) => (New & flag) != 0;

    /// <summary>Whether the container does not share the caller's.</summary>
    public bool IsOwn(uint flag) => IsNew(flag) || Joined.Any(j => j.Flag == flag);

    /// <summary>Whether the user namespace is one that is there already.</summary>
    public bool JoinsUser => IsOwn(Kernel.Sys.Namespaces.CLONE_NEWUSER) && !IsNew(Kernel.Sys.Namespaces.CLONE_NEWUSER);

    /// <summary>All kinds in which the container differs from the caller.</summary>
    public uint Own => Joined.Aggregate(New, (flags, join) => flags | join.Flag);
}

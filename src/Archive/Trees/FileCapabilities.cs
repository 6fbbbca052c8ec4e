using System.Buffers.Binary;
using Gantry.Model.Oci;

namespace Gantry.Archive;

/// <summary>
/// The attribute security.capability, which from its third version on names the root of the user namespace that it holds for.
/// An archive has the second, as does whoever reads the attribute in that namespace.
/// </summary>
/// <remarks>Source: uapi/linux/capability.h, vfs_ns_cap_data; capabilities(7), "File capability extended attribute versioning".</remarks>
public static class FileCapabilities
{
    /// <summary>The attribute's name.</summary>
    public const string Name = "security.capability";

    private const int SecondSize = 20;
    private const int ThirdSize = 24;
    private const uint Revision = 0xFF000000;
    private const uint Second = 0x02000000;
    private const uint Third = 0x03000000;

    /// <summary>An attribute's value as the container sees it.</summary>
    public static byte[] ToInner(string name, byte[] value, IdMap map)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(map);
        if (name != Name || map.IsIdentity || value.Length != ThirdSize)
            return value;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        if ((magic & Revision) != Third || BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(SecondSize)) != map.Root.Uid)
            return value;
        var inner = value[..SecondSize];
        BinaryPrimitives.WriteUInt32LittleEndian(inner, Second | (magic & ~Revision));
        return inner;
    }

    /// <summary>A container's value of an attribute as the host keeps it.</summary>
    public static byte[] ToHost(string name, byte[] value, IdMap map)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(map);
        if (name != Name || map.IsIdentity || value.Length != SecondSize)
            return value;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        if ((magic & Revision) != Second)
            return value;
        var host = new byte[ThirdSize];
        value.CopyTo(host, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(host, Third | (magic & ~Revision));
        BinaryPrimitives.WriteUInt32LittleEndian(host.AsSpan(SecondSize), map.Root.Uid);
        return host;
    }
}

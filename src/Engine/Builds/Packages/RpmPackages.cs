using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Gantry.Kernel.Fds;

namespace Gantry.Engine.Builds;

/// <summary>What rpm has installed, where its database is one of SQLite (rpm 4.16 and newer).</summary>
/// <remarks>Source: rpm docs/manual/format_header.md; lib/backend/sqlite.cc for the table.</remarks>
internal static class RpmPackages
{
    private const int LargestFile = 128 << 20;
    private const int Epoch = 1003;
    private const int Text = 6;
    private const int LocalText = 9;
    private const int Int32 = 4;

    private static readonly string[] s_databases = ["usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite"];

    public static IReadOnlyList<SoftwarePackage> Find(Fd root, OsRelease os)
    {
        foreach (var path in s_databases)
        {
            if (PackageFiles.Read(root, path, LargestFile) is not { } file)
                continue;
            try
            {
                return [.. SqliteTable.Read(file, "Packages").Select(row => row is [_, { } header] ? Read(header, "/" + path, os) : null).OfType<SoftwarePackage>()];
            }
            catch (InvalidDataException)
            {
                // Whoever made the image left something else there.
                return [];
            }
        }

        return [];
    }

    /// <summary>Reads a package's header; null: it is none, or of a key rather than a package.</summary>
    internal static SoftwarePackage? Read(ReadOnlySpan<byte> header, string source, OsRelease os)
    {
        if (header.Length < 8)
            return null;
        var entries = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (entries > (header.Length - 8) / 16)
            return null;
        var values = new Dictionary<int, string>();
        var data = header[(8 + ((int)entries * 16))..];
        for (var i = 0; i < entries; i++)
        {
            var entry = header[(8 + (i * 16))..];
            var offset = BinaryPrimitives.ReadUInt32BigEndian(entry[8..]);
            if (offset >= data.Length)
                continue;
            var value = data[(int)offset..];
            var tag = BinaryPrimitives.ReadInt32BigEndian(entry);
            var type = BinaryPrimitives.ReadInt32BigEndian(entry[4..]);
            if (type is Text or LocalText && value.IndexOf((byte)0) is >= 0 and var end)
                values[tag] = Encoding.UTF8.GetString(value[..end]);
            else if (tag == Epoch && type == Int32 && value.Length >= 4)
                values[tag] = BinaryPrimitives.ReadUInt32BigEndian(value).ToString(CultureInfo.InvariantCulture);
        }

        var name = values.GetValueOrDefault(1000, "");
        if (name.Length == 0 || name == "gpg-pubkey")
            return null;
        return new()
        {
            Type = "rpm",
            Space = os.Id,
            Name = name,
            Version = $"{values.GetValueOrDefault(1001, "")}-{values.GetValueOrDefault(1002, "")}",
            Epoch = values.GetValueOrDefault(Epoch, ""),
            Architecture = values.GetValueOrDefault(1022, ""),
            Distribution = os.Distribution,
            Upstream = values.GetValueOrDefault(1044, ""),
            License = values.GetValueOrDefault(1014, ""),
            Maintainer = values.GetValueOrDefault(1011, ""),
            Source = source,
        };
    }
}

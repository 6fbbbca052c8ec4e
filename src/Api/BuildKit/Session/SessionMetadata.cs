using Gantry.Api.BuildKit.Transport;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Session;

/// <summary>What a call to a client carries beside its messages.</summary>
/// <remarks>Source: buildkit session/filesync/filesync.go, encodeOpts: values that are not ASCII are escaped as in a URL's query, and a
/// second key says so.</remarks>
internal static class SessionMetadata
{
    public const string DirectoryName = "dir-name";
    public const string Excludes = "exclude-patterns";
    public const string FollowPaths = "followpaths";
    public const string ExporterId = "buildkit-attachable-exporter-id";
    public const string StoreId = "buildkit-attachable-store-id";
    public const string AgentId = "buildkit.ssh.id";
    public const string UploadPath = "urlpath";
    public const string UploadHost = "urlhost";

    /// <summary>Adds a key with its values; none: nothing is added.</summary>
    public static Metadata With(this Metadata metadata, string key, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return metadata;
        var plain = values.All(static value => value.All(static c => c is >= ' ' and <= '~'));
        metadata.Add(key, string.Join(RepeatedHeaders.Separator, plain ? values : values.Select(Uri.EscapeDataString)));
        if (!plain)
            metadata.Add(key + "-encoded", "1");
        return metadata;
    }

    /// <summary>Adds a key with one value.</summary>
    public static Metadata With(this Metadata metadata, string key, string value) => metadata.With(key, [value]);
}

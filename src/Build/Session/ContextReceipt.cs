using Gantry.Model;

namespace Gantry.Build;

/// <summary>What bringing a directory up to date with a client's came to.</summary>
public sealed record ContextReceipt
{
    /// <summary>False: files, modes and links are what they were before the call; times may be others.</summary>
    public required bool Changed { get; init; }

    /// <summary>A digest of what the client told of its files, times and sizes included; null: it told nothing, or sent something else.</summary>
    public Digest? Listing { get; init; }

    /// <summary>Of a client of which nothing is known.</summary>
    public static ContextReceipt Anew { get; } = new() { Changed = true };
}

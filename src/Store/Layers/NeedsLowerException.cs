namespace Gantry.Store;

/// <summary>A layer cannot be unpacked by itself: it writes through a link, or links to a file, of a layer below.</summary>
internal sealed class NeedsLowerException : Exception;

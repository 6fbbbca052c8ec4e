namespace Gantry.Engine.Builds;

/// <summary>A cache outside the engine does not give what it promised: the cause of the failure that says so. The build goes on without it.</summary>
internal sealed class BrokenCacheException(ICacheSource source, Exception cause) : Exception(cause.Message, cause)
{
    public ICacheSource Cache { get; } = source;
}

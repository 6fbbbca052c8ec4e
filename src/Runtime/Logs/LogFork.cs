namespace Gantry.Runtime.Logs;

/// <summary>Two logs of the same output: one that is sent away, and one to read back.</summary>
internal sealed class LogFork(IContainerLog first, IContainerLog second) : IContainerLog
{
    public bool IsBehind => first.IsBehind || second.IsBehind;

    public void Write(ReadOnlySpan<byte> bytes, bool isStderr)
    {
        first.Write(bytes, isStderr);
        second.Write(bytes, isStderr);
    }

    public void WhenCaughtUp(Action action)
    {
        first.WhenCaughtUp(action);
        second.WhenCaughtUp(action);
    }

    public void Finish()
    {
        first.Finish();
        second.Finish();
    }

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }
}

namespace Gantry.Build;

/// <summary>A shell on a terminal of its own, in the state that a failed step left. Disposing ends it; nothing of it is left.</summary>
public interface IStepShell : IAsyncDisposable
{
    /// <summary>What the terminal shows can be read, to its end when the shell has ended; what is written is typed. It goes with the shell.</summary>
    Stream Terminal { get; }

    /// <summary>Sets the terminal's size in cells.</summary>
    Task ResizeAsync(int height, int width, CancellationToken cancellationToken);
}

namespace Gantry.Build;

/// <summary>One <c>--mount</c> of RUN as it was written. What it says is known when its variables are replaced: <see cref="MountFlagParser"/>.</summary>
public sealed record MountText
{
    /// <summary>The flag's value: comma-separated, unexpanded.</summary>
    public required string Text { get; init; }

    /// <summary>A stage, an image or a named context; null: none was named. No variables are allowed in it.</summary>
    public string? From { get; init; }
}

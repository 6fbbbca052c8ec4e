using Gantry.Model;

namespace Gantry.Build;

/// <summary>What a step's inputs are known by where it uses only a part of them: the content of that part.</summary>
public static class ContentDigests
{
    /// <summary>Puts the digest of what is used in the place of the identity of each input that counts by its content.</summary>
    /// <param name="digests">The inputs' identities, in their order.</param>
    /// <returns>Whether there is such an input.</returns>
    public static async Task<bool> FillAsync(Digest[] digests, Vertex vertex, IReadOnlyList<StepResult> inputs, IStepRunner runner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(digests);
        ArgumentNullException.ThrowIfNull(vertex);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(runner);
        var any = false;
        for (var i = 0; i < digests.Length; i++)
        {
            if (vertex.SelectionOf(i) is not { } selection)
                continue;
            // A file that is not there is missed here: where it is asked for.
            digests[i] = await runner.DigestOfAsync(inputs[i], selection, cancellationToken);
            any = true;
        }

        return any;
    }
}

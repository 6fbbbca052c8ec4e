namespace Gantry.Build;

/// <summary>One change that a <see cref="FileStep"/> makes.</summary>
public abstract record FileAction
{
    private protected FileAction()
    {
    }

    /// <summary>As <see cref="Vertex.Traits"/>.</summary>
    internal abstract IEnumerable<(string Name, string Value)> Traits();

    /// <summary>Adds all that changes the result.</summary>
    internal abstract void Describe(KeyWriter key);
}

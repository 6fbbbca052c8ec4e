namespace Gantry.Build;

/// <summary>Is told how a build goes, from several threads at once. It must not throw, wait, or ask the solver anything: others may be told by the same thread.</summary>
public interface IBuildProgress
{
    /// <summary>A vertex changed its state.</summary>
    void Report(VertexProgress vertex);

    /// <summary>A vertex wrote something.</summary>
    void Report(VertexLog log);

    /// <summary>Part of a vertex's work got on.</summary>
    void Report(VertexStatus status);

    /// <summary>Linting found something; told once, also of a build that fails later. Who shows no warnings need not take it.</summary>
    void Report(VertexWarnings warnings)
    {
    }
}

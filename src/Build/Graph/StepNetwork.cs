namespace Gantry.Build;

/// <summary>Which network a step has.</summary>
public enum StepNetwork
{
    /// <summary>The default bridge.</summary>
    Default,

    /// <summary>The loopback interface alone.</summary>
    None,

    /// <summary>The host's.</summary>
    Host,
}

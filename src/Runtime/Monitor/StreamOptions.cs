namespace Gantry.Runtime.Monitor;

/// <summary>What streams a process has.</summary>
/// <param name="Terminal">One terminal instead of three pipes.</param>
/// <param name="OpenStdin">Whether there is an input; else it reads <c>/dev/null</c>, or nothing from the terminal.</param>
/// <param name="StdinOnce">Whether input ends when the first client's does.</param>
internal readonly record struct StreamOptions(bool Terminal, bool OpenStdin, bool StdinOnce);

namespace Gantry.Model.Monitor;

/// <summary>A listening TCP socket whose connections a monitor passes on to its container.</summary>
/// <param name="Index">Which of the descriptors that come with the request it is.</param>
/// <param name="Address">Where they go: an address in digits, the container's.</param>
/// <param name="Port">The port there.</param>
public sealed record MonitorRelay(int Index, string Address, int Port);

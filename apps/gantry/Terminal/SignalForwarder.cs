using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Client;
using Gantry.Model;

namespace Gantry.Cli.Terminal;

/// <summary>Passes signals that this process gets on to a container's first process (<c>--sig-proxy</c>).</summary>
internal sealed class SignalForwarder : IDisposable
{
    // signal(7), x86 and arm64: those that a person or a supervisor sends. Not CHLD, PIPE, URG, WINCH: those are about us.
    private static readonly int[] Forwarded = [1, 2, 3, 10, 12, 14, 15, 20];

    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly EngineClient _client;
    private readonly string _container;

    private SignalForwarder(EngineClient client, string container)
    {
        _client = client;
        _container = container;
    }

    /// <summary>Begins to forward.</summary>
    public static SignalForwarder Start(EngineClient client, string container)
    {
        var forwarder = new SignalForwarder(client, container);
        foreach (var number in Forwarded)
        {
            // A positive number that is no named PosixSignal is taken as the platform's own.
            forwarder._registrations.Add(PosixSignalRegistration.Create((PosixSignal)number, context =>
            {
                context.Cancel = true;
                forwarder.Forward(number);
            }));
        }
        return forwarder;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Forward(int number)
    {
        try
        {
            _client.Containers.Kill(_container, number.ToString(CultureInfo.InvariantCulture));
        }
        catch (GantryException)
        {
            // It has ended already, or not begun: what it does next decides, not the signal.
        }
    }
}

using Gantry.Build;
using Gantry.Engine.Devices;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Builds;

/// <summary>The host's devices that a step asks for (<c>RUN --device</c>): by their names in CDI specifications.</summary>
internal static class StepDevices
{
    /// <summary>The configuration with the devices; one that is not required and not there is left out.</summary>
    /// <param name="directories">Where specifications lie.</param>
    /// <exception cref="GantryException">NotFound: a required device is not there.</exception>
    public static RuntimeConfig Apply(RuntimeConfig config, IReadOnlyList<DeviceFlag> devices, IReadOnlyList<string> directories)
    {
        foreach (var device in devices)
        {
            try
            {
                config = CdiInjection.Apply(config, CdiSpecs.Find(directories, [device.Name]));
            }
            catch (GantryException missing) when (missing.Kind is ErrorKind.Invalid or ErrorKind.NotFound)
            {
                if (device.Required)
                    throw GantryException.Of(ErrorKind.NotFound, $"device {device.Name} cannot be had: {missing.Message}; write a specification of it, or leave \"required\" out of RUN --device", cause: missing);
            }
        }

        return config;
    }
}

using Gantry.Kernel.Fds;

namespace Gantry.Cli.Output;

/// <summary>Asks before something is done that cannot be undone.</summary>
internal static class Confirmation
{
    /// <summary>Shows a warning and a question, and reads a line; anything but <c>y</c> is no.</summary>
    /// <remarks>Source: docker/cli internal/prompt, Confirm.</remarks>
    public static bool Ask(TextOutput output, string warning)
    {
        output.Write($"{warning}\nAre you sure you want to continue? [y/N] ");
        output.Flush();
        using var input = new StreamReader(DescriptorStream.Standard(0));
        return input.ReadLine()?.Trim().Equals("y", StringComparison.OrdinalIgnoreCase) == true;
    }
}

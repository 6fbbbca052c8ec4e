using Gantry.Model;

namespace Gantry.Distribution;

/// <summary>Bodies from strangers, read up to a limit.</summary>
internal static class Bounded
{
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int limitBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var content = new MemoryStream();
        var buffer = new byte[16384];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
                return content.ToArray();
            if (content.Length + read > limitBytes)
                throw GantryException.Of(ErrorKind.Invalid, $"{response.RequestMessage?.RequestUri?.Authority} answered with more than the {limitBytes} bytes allowed");
            content.Write(buffer, 0, read);
        }
    }
}

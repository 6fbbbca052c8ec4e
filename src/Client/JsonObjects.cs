using System.Text.Json;
using Gantry.Client.Http;
using Gantry.Model;

namespace Gantry.Client;

/// <summary>Reads a stream of JSON objects, one after another, with or without line ends between them.</summary>
internal static class JsonObjects
{
    /// <summary>Longest object taken, in bytes: an engine gone mad must not fill the client's memory.</summary>
    private const int Limit = 64 << 20;

    /// <summary>Reads the objects as they come. Each is disposed when the next is asked for.</summary>
    public static IEnumerable<JsonElement> Read(HttpResponse response)
    {
        using (response)
        {
            var buffer = new byte[16384];
            var used = 0;
            while (true)
            {
                if (used == buffer.Length)
                    Array.Resize(ref buffer, used < Limit ? used * 2 : throw GantryException.Of(ErrorKind.Unavailable, "the engine sent a JSON object of more than 64 MiB"));
                var read = response.Body.Read(buffer.AsSpan(used));
                if (read == 0)
                    yield break;
                used += read;
                var taken = 0;
                while (FindEnd(buffer.AsSpan(taken, used - taken)) is var end and > 0)
                {
                    using var document = JsonDocument.Parse(buffer.AsMemory(taken, end));
                    taken += end;
                    yield return document.RootElement;
                }
                buffer.AsSpan(taken, used - taken).CopyTo(buffer);
                used -= taken;
            }
        }
    }

    /// <summary>The index behind the first whole object; 0 when it is not whole yet.</summary>
    internal static int FindEnd(ReadOnlySpan<byte> text)
    {
        var depth = 0;
        var inString = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (inString)
            {
                if (c == '\\')
                    i++;
                else if (c == '"')
                    inString = false;
                continue;
            }
            if (c == '"')
                inString = true;
            else if (c is (byte)'{' or (byte)'[')
                depth++;
            else if (c is (byte)'}' or (byte)']' && --depth == 0)
                return i + 1;
        }
        return 0;
    }
}

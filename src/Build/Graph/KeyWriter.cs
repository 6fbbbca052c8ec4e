using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gantry.Model;

namespace Gantry.Build;

/// <summary>Hashes what a vertex says into a key: every field with its length, so that no two definitions read the same.</summary>
public sealed class KeyWriter : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a text; null differs from the empty text.</summary>
    public KeyWriter Add(string? text)
    {
        if (text is null)
            return Add(-1);
        var bytes = Encoding.UTF8.GetBytes(text);
        return Add(bytes);
    }

    /// <summary>Adds bytes with their length.</summary>
    public KeyWriter Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        _hash.AppendData(bytes);
        return this;
    }

    /// <summary>Adds a number.</summary>
    public KeyWriter Add(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        _hash.AppendData(bytes);
        return this;
    }

    /// <summary>Adds a yes or no.</summary>
    public KeyWriter Add(bool flag) => Add(flag ? 1 : 0);

    /// <summary>Adds texts in their order, with how many they are.</summary>
    public KeyWriter Add(IReadOnlyCollection<string> texts)
    {
        Add(texts.Count);
        foreach (var text in texts)
            Add(text);
        return this;
    }

    /// <summary>Adds names with values, in the order of the names.</summary>
    public KeyWriter Add(IReadOnlyDictionary<string, string> values)
    {
        Add(values.Count);
        foreach (var (name, value) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
            Add(name).Add(value);
        return this;
    }

    /// <summary>The digest of everything that was added; the writer begins anew.</summary>
    public Digest Finish() => Digest.OfSha256(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}

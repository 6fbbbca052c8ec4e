using System.Buffers.Text;
using System.Text;
using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>The records of one or more pax headers, later ones first.</summary>
/// <remarks>Source: POSIX pax, extended header; GNU tar manual, "Storing Sparse Files" for GNU.sparse.*.</remarks>
internal sealed class PaxRecords
{
    private const string XattrPrefix = "SCHILY.xattr.";
    private const int MostSparseRuns = 1 << 20;
    private readonly Dictionary<string, byte[]> _values = new(StringComparer.Ordinal);
    private readonly List<SparseRun> _runs = [];
    private long _runOffset = -1;

    /// <summary>Whether the sparse map is in the content (format 1.0).</summary>
    public bool SparseMapInContent => Text("GNU.sparse.major") == "1" && Text("GNU.sparse.minor") == "0";

    /// <summary>Parses a header's content: <c>LENGTH KEY=VALUE\n</c> again and again.</summary>
    public void Add(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            if (!Utf8Parser.TryParse(content, out int length, out var digits) || digits >= content.Length || content[digits] != ' ' || length <= digits + 2 || length > content.Length || content[length - 1] != '\n')
                throw TarErrors.Damaged("a pax header is malformed");
            var record = content[(digits + 1)..(length - 1)];
            content = content[length..];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw TarErrors.Damaged("a pax header has a record without a key");
            Add(Encoding.UTF8.GetString(record[..equals]), record[(equals + 1)..]);
        }
    }

    /// <summary>Puts the records in the place of the header's fields.</summary>
    public void ApplyTo(TarEntry entry, ref long uid, ref long gid, ref long size)
    {
        foreach (var (key, value) in _values)
        {
            switch (key)
            {
                case "path":
                case "GNU.sparse.name":
                    if (key == "path" && _values.ContainsKey("GNU.sparse.name"))
                        break;
                    entry.Name = Clean(value);
                    break;
                case "linkpath":
                    entry.LinkName = Clean(value);
                    break;
                case "uid":
                    uid = Number(value);
                    break;
                case "gid":
                    gid = Number(value);
                    break;
                case "size":
                    size = Number(value);
                    break;
                case "mtime":
                    entry.Modified = Time(value);
                    break;
                case "atime":
                    entry.Accessed = Time(value);
                    break;
                default:
                    if (key.StartsWith(XattrPrefix, StringComparison.Ordinal) && key.Length > XattrPrefix.Length)
                        (entry.Xattrs ??= []).Add(new(key[XattrPrefix.Length..], value));
                    break;
            }
        }
    }

    /// <summary>The sparse map of formats 0.0 and 0.1, and the file's size; null when the entry is not sparse.</summary>
    public (List<SparseRun> Runs, long Size)? Sparse()
    {
        var size = _values.TryGetValue("GNU.sparse.realsize", out var real) || _values.TryGetValue("GNU.sparse.size", out real) ? Number(real) : -1;
        if (size < 0)
            return null;
        if (SparseMapInContent)
            return ([], size);
        if (_values.TryGetValue("GNU.sparse.map", out var map))
        {
            var numbers = Encoding.ASCII.GetString(map).Split(',');
            if (numbers.Length % 2 != 0 || numbers.Length > 2 * MostSparseRuns)
                throw TarErrors.Damaged("a sparse map is malformed");
            var runs = new List<SparseRun>(numbers.Length / 2);
            for (var i = 0; i < numbers.Length; i += 2)
                runs.Add(new(Number(Encoding.ASCII.GetBytes(numbers[i])), Number(Encoding.ASCII.GetBytes(numbers[i + 1]))));
            return (runs, size);
        }

        return _values.ContainsKey("GNU.sparse.numblocks") ? (_runs, size) : null;
    }

    private static byte[] Clean(byte[] name) => name.Contains((byte)0) ? throw TarErrors.Refused(name, "its name contains NUL") : name;

    private static long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length ? value : throw TarErrors.Damaged("a number in a pax header is malformed");

    // Decimal seconds with any number of digits after the point; more than nine are cut.
    private static FileTime Time(ReadOnlySpan<byte> text)
    {
        var negative = text.Length > 0 && text[0] == '-';
        var digits = negative ? text[1..] : text;
        var point = digits.IndexOf((byte)'.');
        var seconds = Number(point < 0 ? digits : digits[..point]);
        long nanoseconds = 0;
        if (point >= 0)
        {
            var fraction = digits[(point + 1)..];
            for (var i = 0; i < 9; i++)
            {
                var digit = i < fraction.Length ? fraction[i] - '0' : 0;
                if (digit is < 0 or > 9)
                    throw TarErrors.Damaged("a time in a pax header is malformed");
                nanoseconds = (nanoseconds * 10) + digit;
            }
        }

        if (!negative)
            return new(seconds, nanoseconds);
        return nanoseconds == 0 ? new(-seconds, 0) : new(-seconds - 1, 1_000_000_000 - nanoseconds);
    }

    private void Add(string key, ReadOnlySpan<byte> value)
    {
        // Format 0.0 repeats these two keys, in pairs.
        if (key == "GNU.sparse.offset")
        {
            _runOffset = Number(value);
        }
        else if (key == "GNU.sparse.numbytes")
        {
            if (_runOffset < 0 || _runs.Count >= MostSparseRuns)
                throw TarErrors.Damaged("a sparse map is malformed");
            _runs.Add(new(_runOffset, Number(value)));
            _runOffset = -1;
        }
        else if (value.IsEmpty && !key.StartsWith(XattrPrefix, StringComparison.Ordinal))
        {
            // An empty value takes an earlier record back.
            _values.Remove(key);
        }
        else
        {
            _values[key] = value.ToArray();
        }
    }

    private string? Text(string key) => _values.TryGetValue(key, out var value) ? Encoding.ASCII.GetString(value) : null;
}

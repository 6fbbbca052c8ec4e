using Gantry.Cli.Flags;
using Gantry.Model.Api;

namespace Gantry.Cli.Specs;

/// <summary><c>--mount type=bind,source=/a,target=/b,readonly</c>.</summary>
/// <remarks>Source: docker run reference, "--mount"; texts as docker 28.2.2 says them.</remarks>
internal static class MountSpecs
{
    /// <summary>Checks a value and returns it as it is.</summary>
    public static string Check(string value)
    {
        Parse(value);
        return value;
    }

    /// <summary>Reads a mount.</summary>
    /// <exception cref="FlagException">It makes no sense.</exception>
    public static MountSpec Parse(string value)
    {
        var mount = new Draft();
        foreach (var field in Csv.Parse(value))
            mount.Set(field);
        return mount.Finish();
    }

    /// <summary>A mount whose fields are being read.</summary>
    private sealed class Draft
    {
        private readonly Dictionary<string, string> _labels = [];
        private readonly Dictionary<string, string> _driverOptions = [];
        private string _type = "volume";
        private string? _source, _target, _consistency, _propagation, _driver, _subpath, _imageSubpath, _recursive;
        private bool _readOnly, _nonRecursive, _noCopy, _anyBind, _anyVolume, _anyImage, _anyTmpfs;
        private long? _tmpfsSize, _tmpfsMode;

        public void Set(string field)
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var key = (equals < 0 ? field : field[..equals]).ToLowerInvariant();
            if (equals < 0 && key is not ("readonly" or "ro" or "volume-nocopy" or "bind-nonrecursive"))
                throw new FlagException($"invalid field '{field}' must be a key=value pair");
            var value = equals < 0 ? "true" : field[(equals + 1)..];
            _anyBind |= key.StartsWith("bind-", StringComparison.Ordinal);
            _anyVolume |= key.StartsWith("volume-", StringComparison.Ordinal);
            _anyImage |= key.StartsWith("image-", StringComparison.Ordinal);
            _anyTmpfs |= key.StartsWith("tmpfs-", StringComparison.Ordinal);
            if (!SetCommon(key, value) && !SetOption(key, value))
                throw new FlagException($"unexpected key '{key}' in '{field}'");
        }

        public MountSpec Finish()
        {
            if (string.IsNullOrEmpty(_type))
                throw new FlagException("type is required");
            if (string.IsNullOrEmpty(_target))
                throw new FlagException("target is required");
            Mixed(_anyVolume && _type != "volume", "volume");
            Mixed(_anyImage && _type != "image", "image");
            Mixed(_anyBind && _type != "bind", "bind");
            Mixed(_anyTmpfs && _type != "tmpfs", "tmpfs");
            if (_recursive == "readonly")
            {
                if (!_readOnly)
                    throw new FlagException("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
                if (_propagation != "rprivate")
                    throw new FlagException("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
            }
            return new()
            {
                Type = _type,
                Source = _source,
                Target = _target,
                ReadOnly = _readOnly,
                Consistency = _consistency,
                BindOptions = _anyBind ? Bind() : null,
                VolumeOptions = _anyVolume ? Volume() : null,
                ImageOptions = _anyImage ? new() { Subpath = _imageSubpath } : null,
                TmpfsOptions = _anyTmpfs ? new() { SizeBytes = _tmpfsSize, Mode = _tmpfsMode } : null,
            };
        }

        private bool SetCommon(string key, string value)
        {
            switch (key)
            {
                case "type":
                    _type = value.ToLowerInvariant();
                    return true;
                case "source" or "src":
                    _source = value == "." || value.StartsWith("./", StringComparison.Ordinal) ? Path.GetFullPath(value) : value;
                    return true;
                case "target" or "dst" or "destination":
                    _target = value;
                    return true;
                case "readonly" or "ro":
                    _readOnly = Switch(key, value);
                    return true;
                case "consistency":
                    _consistency = value.ToLowerInvariant();
                    return true;
                default:
                    return false;
            }
        }

        private bool SetOption(string key, string value)
        {
            switch (key)
            {
                case "bind-propagation":
                    _propagation = value.ToLowerInvariant();
                    return true;
                case "bind-nonrecursive":
                    _nonRecursive = Switch(key, value);
                    return true;
                case "bind-recursive":
                    _recursive = value is "enabled" or "disabled" or "writable" or "readonly"
                        ? value
                        : throw new FlagException($"invalid value for bind-recursive: {value} (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")");
                    return true;
                case "volume-subpath":
                    _subpath = value;
                    return true;
                case "volume-nocopy":
                    _noCopy = Switch(key, value);
                    return true;
                case "volume-label":
                    AddPair(_labels, value);
                    return true;
                case "volume-driver":
                    _driver = value;
                    return true;
                case "volume-opt":
                    AddPair(_driverOptions, value);
                    return true;
                case "image-subpath":
                    _imageSubpath = value;
                    return true;
                case "tmpfs-size":
                    _tmpfsSize = Size(value);
                    return true;
                case "tmpfs-mode":
                    _tmpfsMode = Octal(value);
                    return true;
                default:
                    return false;
            }
        }

        private MountBindOptions Bind() => new()
        {
            Propagation = _propagation,
            NonRecursive = _nonRecursive || _recursive == "disabled",
            ReadOnlyNonRecursive = _recursive == "writable",
            ReadOnlyForceRecursive = _recursive == "readonly",
        };

        private MountVolumeOptions Volume() => new()
        {
            NoCopy = _noCopy,
            Labels = _labels,
            Subpath = _subpath,
            DriverConfig = new() { Name = _driver, Options = _driverOptions },
        };

        private void Mixed(bool mixed, string family)
        {
            if (mixed)
                throw new FlagException($"cannot mix '{family}-*' options with mount type '{_type}'");
        }

        private static bool Switch(string key, string value)
        {
            try
            {
                return FlagCheck.Bool(value) == "true";
            }
            catch (FlagException)
            {
                throw new FlagException($"invalid value for {key}: {value}");
            }
        }

        private static long Size(string value)
        {
            try
            {
                return ByteSize.Parse(value);
            }
            catch (FlagException)
            {
                throw new FlagException($"invalid value for tmpfs-size: {value}");
            }
        }

        private static long Octal(string value)
        {
            long mode = 0;
            foreach (var c in value)
            {
                if (c is < '0' or > '7' || mode > uint.MaxValue >> 3)
                    throw new FlagException($"invalid value for tmpfs-mode: {value}");
                mode = (mode * 8) + (c - '0');
            }
            return value.Length > 0 ? mode : throw new FlagException($"invalid value for tmpfs-mode: {value}");
        }

        private static void AddPair(Dictionary<string, string> map, string pair)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            map[equals < 0 ? pair : pair[..equals]] = equals < 0 ? "" : pair[(equals + 1)..];
        }
    }
}

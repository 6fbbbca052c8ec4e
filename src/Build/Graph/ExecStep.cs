namespace Gantry.Build;

/// <summary>Runs a program on a tree: RUN.</summary>
public sealed class ExecStep : Vertex
{
    /// <param name="inputs">The tree it runs on, and what mounts are taken from.</param>
    /// <param name="root">The place of the tree it runs on; null: an empty one.</param>
    /// <param name="mounts">Mounts, in this order.</param>
    /// <exception cref="ArgumentOutOfRangeException">An input is named that is not there.</exception>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public ExecStep(string name, IReadOnlyList<Vertex> inputs, int? root, IReadOnlyList<string> arguments, IReadOnlyList<StepMount> mounts)
        : base(inputs)
    {
        Name = name;
        Root = root;
        Arguments = arguments;
        Mounts = mounts;
        RequireInput(root);
        foreach (var mount in mounts)
            RequireInput(mount.From);
    }

    /// <summary>The place of the tree it runs on; null: an empty one.</summary>
    public override int? Root { get; }

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; }

    public IReadOnlyList<StepMount> Mounts { get; }

    /// <summary><c>NAME=value</c>, in order.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary><c>NAME=value</c> that must not be part of the key: the proxies.</summary>
    public IReadOnlyList<string> UnkeyedEnvironment { get; init; } = [];

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>What the program is for, as in <c>linux/arm64</c>; null: this machine. Not part of the key: the tree says which program there is.</summary>
    public string? Platform { get; init; }

    /// <summary><c>user[:group]</c>; null: root.</summary>
    public string? User { get; init; }

    public StepNetwork Network { get; init; }

    /// <summary>Without the confinement of containers (<c>--security=insecure</c>).</summary>
    public bool Insecure { get; init; }

    /// <summary>Devices of the host's.</summary>
    public IReadOnlyList<DeviceFlag> Devices { get; init; } = [];

    /// <summary><c>host:address</c> for /etc/hosts.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>A secret's value is not part of the key, and two clients' may differ.</summary>
    public override bool IsOfOneSession => Mounts.Any(m => m.Kind is StepMountKind.Secret or StepMountKind.Ssh);

    /// <inheritdoc/>
    public override ContentSelection? SelectionOf(int input)
    {
        if (input == Root)
            return null;
        List<string> paths = [.. Mounts.Where(m => m.From == input && m.Kind == StepMountKind.Bind).Select(m => m.Source)];
        return paths.Count == 0 ? null : new() { Paths = paths };
    }

    internal override IEnumerable<(string Name, string Value)> Traits() =>
    [
        ("command", string.Join(' ', Arguments)),
        .. Environment.Select(static variable => variable.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? (VariableTrait + variable[..equals], variable[(equals + 1)..]) : (VariableTrait + variable, string.Empty)),
        ("working directory", WorkingDirectory),
        ("user", User ?? "root"),
        ("network", Network.ToString().ToLowerInvariant()),
        ("security", Insecure ? "insecure" : "sandbox"),
        .. ExtraHosts.Select(static host => ("host", host)),
        .. Devices.Select(static device => ("device", device.Name)),
        .. Mounts.Select(static mount => ($"mount of type {mount.Kind.ToString().ToLowerInvariant()}", $"{mount.Source} {mount.Target ?? mount.Variable}")),
    ];

    private protected override void Describe(KeyWriter key)
    {
        key.Add(Root ?? -1).Add(Arguments).Add(Environment).Add(WorkingDirectory).Add(User).Add((long)Network).Add(Insecure).Add(ExtraHosts).Add(Mounts.Count);
        foreach (var mount in Mounts)
            mount.Describe(key);
        // Only where there are some: the keys of all other steps stay what they were.
        foreach (var device in Devices)
            key.Add(device.Name).Add(device.Required);
    }
}

using System.Text;

namespace Gantry.Cli.Builds;

/// <summary>Tells files that hold keys or passwords by their names, and where a name is not enough by what they begin with.</summary>
internal static class SecretFiles
{
    private const int Looked = 64 << 10;

    private static readonly string[] s_samples = [".example", ".sample", ".template", ".dist", ".defaults"];

    /// <summary>What a file holds that nobody should be sent; null: nothing that is known here.</summary>
    /// <param name="path">From the context's root.</param>
    /// <param name="file">Where it lies.</param>
    public static string? Find(string path, string file)
    {
        var name = path[(path.LastIndexOf('/') + 1)..].ToLowerInvariant();
        var directory = path.Length > name.Length ? path[..^(name.Length + 1)] : "";
        var holder = directory[(directory.LastIndexOf('/') + 1)..];
        return name switch
        {
            "id_rsa" or "id_dsa" or "id_ecdsa" or "id_ed25519" or "id_ed25519_sk" or "id_ecdsa_sk" => "a private SSH key",
            ".git-credentials" => "passwords of git servers",
            ".pgpass" or ".htpasswd" => "passwords",
            "credentials" when holder == ".aws" => "keys of AWS",
            ".npmrc" or ".yarnrc" or ".yarnrc.yml" when Holds(file, "_authToken", "_password", "_auth=", "npmAuthToken") => "a token for a package registry",
            ".pypirc" or ".netrc" or "_netrc" or ".my.cnf" when Holds(file, "password") => "passwords",
            "config" when holder == ".git" && Holds(file, "extraheader") => "a token for a git server",
            "config" when holder == ".git" && HasLoginInUrl(file) => "a login in a URL",
            "config.json" or ".dockercfg" when (holder == ".docker" || name == ".dockercfg") && Holds(file, "\"auth\"") => "logins of registries",
            "config" or "kubeconfig" when (holder == ".kube" || name == "kubeconfig") && Holds(file, "client-key-data", "token:", "password:") => "a key of a Kubernetes cluster",
            _ when (name == ".env" || name.StartsWith(".env.", StringComparison.Ordinal)) && !s_samples.Any(sample => name.EndsWith(sample, StringComparison.Ordinal)) => "variables, passwords often among them",
            _ => OfEnding(name, file),
        };
    }

    private static string? OfEnding(string name, string file) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "pem" or "key" when Holds(file, "PRIVATE KEY-----") => "a private key",
        "ppk" => "a private SSH key",
        "p12" or "pfx" or "jks" or "keystore" or "kdbx" => "a key store",
        "tfstate" => "Terraform's state, with the secrets of what it made",
        "json" when Holds(file, "\"private_key\"") => "a private key",
        _ => null,
    };

    private static bool Holds(string file, params ReadOnlySpan<string> texts)
    {
        var start = Start(file);
        foreach (var text in texts)
        {
            if (start.Contains(text, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    // url = https://user:password@host/…
    private static bool HasLoginInUrl(string file)
    {
        foreach (var line in Start(file).Split('\n'))
        {
            var scheme = line.IndexOf("://", StringComparison.Ordinal);
            var at = scheme < 0 ? -1 : line.IndexOf('@', scheme);
            if (at < 0)
                continue;
            var login = line[(scheme + 3)..at];
            if (login.Contains(':') && !login.Contains('/'))
                return true;
        }

        return false;
    }

    private static string Start(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read);
            var buffer = new byte[Looked];
            return Encoding.Latin1.GetString(buffer, 0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever builds will be told that it cannot be read.
            return "";
        }
    }
}

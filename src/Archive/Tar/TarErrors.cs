using System.Text;
using Gantry.Model;

namespace Gantry.Archive;

/// <summary>What can be wrong with an archive.</summary>
public static class TarErrors
{
    public static GantryException Damaged(string why) => GantryException.Of(ErrorKind.Invalid, $"the archive is damaged: {why}");

    public static GantryException Truncated() => Damaged("it ends in the middle of an entry");

    public static GantryException Refused(ReadOnlySpan<byte> name, string why) => GantryException.Of(ErrorKind.Invalid, $"the archive's entry \"{Printable(name)}\" was refused: {why}");

    // Names come from strangers and end up on terminals.
    public static string Printable(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        foreach (var c in Encoding.UTF8.GetString(name.Length > 200 ? name[..200] : name))
        {
            if (char.IsControl(c))
                text.Append('?');
            else
                text.Append(c);
        }

        return text.ToString();
    }
}

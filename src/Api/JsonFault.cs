using System.Text.Json;
using Gantry.Model;

namespace Gantry.Api;

/// <summary>Turns a failure to read JSON into a sentence that names the member and the position.</summary>
public static class JsonFault
{
    private const string CouldNot = "The JSON value could not be converted to ";
    // Source: moby httputils.ReadJSON for a body without anything; Go's io.ErrUnexpectedEOF for one that breaks off.
    private const string EndOfFile = "got EOF while reading request body";
    private const string UnexpectedEnd = "unexpected EOF";

    public static GantryException Explain(JsonException exception)
    {
        var message = exception.Message;
        // The reader's own messages are about the text, and tell where in it; the converters' are about a member, and need no position.
        var about = message.IndexOf(" Path: ", StringComparison.Ordinal) is >= 0 and var at ? at : message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        var what = What(about < 0 ? message : message[..about]);
        var syntax = about >= 0 && !message.StartsWith(CouldNot, StringComparison.Ordinal) && what is not (EndOfFile or UnexpectedEnd);
        var where = syntax ? $" (line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1})" : string.Empty;
        var member = exception.Path is { Length: > 2 } path && what is not (EndOfFile or UnexpectedEnd) ? path[2..] + (what is ['[' or '.', ..] ? string.Empty : ": ") : string.Empty;
        return GantryException.Of(ErrorKind.Invalid, $"invalid JSON: {member}{what}{where}", cause: exception);
    }

    private static string What(string message)
    {
        if (message.StartsWith(CouldNot, StringComparison.Ordinal))
            return message.Contains("List", StringComparison.Ordinal) ? "expected a list" : "expected an object";
        if (message.StartsWith("The input does not contain any JSON", StringComparison.Ordinal))
            return EndOfFile;
        if (message.StartsWith("Expected depth to be zero", StringComparison.Ordinal) || message.StartsWith("Expected end of string", StringComparison.Ordinal))
            return UnexpectedEnd;
        // Source: moby httputils.ReadJSON.
        if (message.Contains("after a single JSON value", StringComparison.Ordinal))
            return "unexpected content after JSON";
        // Go's words, which clients look for. Source: encoding/json scanner.go.
        if (message.Length > 2 && message[0] == '\'' && message[2] == '\'')
        {
            if (message.Contains("is an invalid start of a property name", StringComparison.Ordinal))
                return $"invalid character '{message[1]}' looking for beginning of object key string";
            if (message.Contains("is an invalid start of a value", StringComparison.Ordinal))
                return $"invalid character '{message[1]}' looking for beginning of value";
        }
        message = message.TrimEnd('.');
        return message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : "malformed";
    }
}

using System.Buffers.Binary;

namespace Gantry.Model.Monitor;

/// <summary>
/// The head of each message between engine and monitor, 12 bytes, little endian: payload length (4), version (1),
/// kind (1), number of descriptors that come with the first byte (2), request number (4).
/// </summary>
/// <param name="Kind">What the message says; may be one that this side does not know.</param>
/// <param name="PayloadLength">Bytes of JSON that follow.</param>
/// <param name="FdCount">Descriptors that come along.</param>
/// <param name="Request">Ties an answer to its request; 0 for events.</param>
public readonly record struct MonitorFrame(MonitorMessageKind Kind, int PayloadLength, int FdCount, uint Request)
{
    /// <summary>Bytes of the head.</summary>
    public const int HeaderLength = 12;

    /// <summary>The version of the protocol that is spoken here. Fields are only added within a version; unknown ones are skipped.</summary>
    public const byte Version = 1;

    /// <summary>Longer payloads are refused: a configuration is some ten KiB, so this is a fault of the peer.</summary>
    public const int MaxPayloadLength = 4 << 20;

    /// <summary>Writes the head.</summary>
    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, PayloadLength);
        header[4] = Version;
        header[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)FdCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Request);
    }

    /// <summary>Reads the head.</summary>
    /// <exception cref="GantryException">Invalid: too long. NotSupported: another version.</exception>
    public static MonitorFrame Read(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (header[4] != Version)
            throw GantryException.Of(ErrorKind.NotSupported, $"the monitor's peer speaks version {header[4]} of the protocol, this side version {Version}");
        if (length > MaxPayloadLength)
            throw GantryException.Of(ErrorKind.Invalid, $"a message to or from the monitor has {length} bytes, more than {MaxPayloadLength}");
        return new((MonitorMessageKind)header[5], (int)length, BinaryPrimitives.ReadUInt16LittleEndian(header[6..]), BinaryPrimitives.ReadUInt32LittleEndian(header[8..]));
    }
}

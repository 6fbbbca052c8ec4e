using System.Buffers.Binary;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Attacks;

/// <summary>Which programs the kernel may put anywhere (docs/adr/0015-fixed-address.md).</summary>
public sealed class AddressTests
{
    private const ushort FixedAddress = 2; // ET_EXEC, elf(5)
    private const ushort AnyAddress = 3; // ET_DYN

    [Theory]
    [InlineData("gantryd", AnyAddress)]
    [InlineData("gantry-runtime", AnyAddress)]
    [InlineData("gantry", FixedAddress)]
    public void OnlyTheCommandLineHasAFixedAddress(string program, ushort expected)
    {
        using var file = File.OpenHandle(Path.Combine(Repository.Programs, program));
        Span<byte> header = stackalloc byte[18];
        Assert.Equal(header.Length, RandomAccess.Read(file, header, 0));
        Assert.Equal(expected, BinaryPrimitives.ReadUInt16LittleEndian(header[16..]));
    }
}

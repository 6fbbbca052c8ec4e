using System.Buffers;
using System.Text;
using Gantry.Api.BuildKit.Transport;
using Xunit;

namespace Gantry.Tests.Unit.Api.BuildKit;

public sealed class HeaderBlockTests
{
    private const byte Separator = 0x1f;

    [Fact]
    public void AHeaderWithSeveralValuesBecomesSeveral()
    {
        byte[] block = [0x83, 0x86, .. Literal("te", "trailers"), .. Literal("followpaths", "a,b\u001f" + new string('c', 300) + "\u001f"), 0x84];

        Assert.Equal(
            [0x83, 0x86, .. Literal("te", "trailers"), .. Literal("followpaths", "a,b"), .. Literal("followpaths", new string('c', 300)), .. Literal("followpaths", ""), 0x84],
            Split(block));
    }

    [Fact]
    public void NamesOfTheTableAndCodedValuesStayAsTheyAre()
    {
        // :authority by its index with a value, a size of the table, and a value in Huffman's code that has the separator's byte.
        byte[] block = [0x01, 0x03, (byte)'a', (byte)'b', (byte)'c', 0x3f, 0x01, 0x00, 0x01, (byte)'x', 0x82, Separator, Separator];
        Assert.Equal(block, Split(block));
    }

    [Theory]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x00, 0x05, 0x61 })]
    [InlineData(new byte[] { 0x00, 0x01, 0x61, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xff, 0xff })]
    public void WhatIsCutOffIsNotRead(byte[] block) => Assert.False(HeaderBlock.TrySplit(block, Separator, new ArrayBufferWriter<byte>()));

    [Fact]
    public async Task AStreamChangesHeadersAloneHoweverItIsWritten()
    {
        byte[] preface = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
        byte[] settings = [0, 0, 3, 4, 0, 0, 0, 0, 0, 1, Separator, 2];
        byte[] block = [.. Literal("p", "a\u001fb")];
        byte[] data = [0, 0, 2, 0, 1, 0, 0, 0, 1, Separator, Separator];
        // The block in a frame of headers and a continuation.
        byte[] written = [.. preface, .. settings, 0, 0, 2, 1, 1, 0, 0, 0, 1, .. block[..2], 0, 0, (byte)(block.Length - 2), 9, 4, 0, 0, 0, 1, .. block[2..], .. data];
        byte[] split = [.. Literal("p", "a"), .. Literal("p", "b")];
        byte[] expected = [.. preface, .. settings, 0, 0, (byte)split.Length, 1, 5, 0, 0, 0, 1, .. split, .. data];
        for (var piece = 1; piece <= written.Length; piece++)
        {
            using var inner = new MemoryStream();
            await using var stream = new RepeatedHeaders(inner);
            for (var at = 0; at < written.Length; at += piece)
                await stream.WriteAsync(written.AsMemory(at, Math.Min(piece, written.Length - at)), CancellationToken.None);
            Assert.Equal(expected, inner.ToArray());
        }
    }

    private static byte[] Split(byte[] block)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(HeaderBlock.TrySplit(block, Separator, output));
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Literal(string name, string value) => [0x00, .. Text(name), .. Text(value)];

    private static byte[] Text(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        return bytes.Length < 127 ? [(byte)bytes.Length, .. bytes] : [127, (byte)(0x80 | ((bytes.Length - 127) & 0x7f)), (byte)((bytes.Length - 127) >> 7), .. bytes];
    }
}

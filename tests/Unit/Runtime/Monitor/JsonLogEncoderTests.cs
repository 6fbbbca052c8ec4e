using System.Buffers;
using System.Text;
using System.Text.Json;
using Gantry.Runtime.Monitor;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Monitor;

public sealed class JsonLogEncoderTests
{
    [Theory]
    [InlineData(new byte[] { (byte)'a', (byte)'\n' }, @"a\n")]
    [InlineData(new byte[] { (byte)'"', (byte)'\\' }, @"\""\\")]
    [InlineData(new byte[] { 9, 13, 0, 0x1f, 0x7f }, "\\u0009\\r\\u0000\\u001f\x7f")]
    [InlineData(new byte[] { (byte)'<', (byte)'&', (byte)'>' }, @"\u003c\u0026\u003e")]
    [InlineData(new byte[] { 0xe2, 0x80, 0xa8, 0xe2, 0x80, 0xa9 }, @"\u2028\u2029")]
    [InlineData(new byte[] { 0xff, 0xe2, 0x82 }, @"\ufffd\ufffd\ufffd")]
    [InlineData(new byte[] { 0xc0, 0x80 }, @"\ufffd\ufffd")]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 }, @"\ufffd\ufffd\ufffd")]
    [InlineData(new byte[] { 0xc3, 0xa9, 0xf0, 0x9f, 0x9a, 0x80 }, "é🚀")]
    public void Encode_EscapesAsGo(byte[] line, string escaped)
    {
        Assert.Equal($"{{\"log\":\"{escaped}\",\"stream\":\"stdout\",\"time\":\"1970-01-01T00:00:00Z\"}}\n", Encode(line, 0));
    }

    [Theory]
    [InlineData(1_000_000_000L, "1970-01-01T00:00:01Z")]
    [InlineData(1_000_000_001L, "1970-01-01T00:00:01.000000001Z")]
    [InlineData(1_120_000_000L, "1970-01-01T00:00:01.12Z")]
    [InlineData(1_795_643_999_999_999_999L, "2026-11-25T21:59:59.999999999Z")]
    public void Encode_WritesTimeAsRfc3339Nano(long time, string expected)
    {
        Assert.EndsWith($"\"time\":\"{expected}\"}}\n", Encode([], time), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_AttributesAreSortedAndEscaped()
    {
        var to = new ArrayBufferWriter<byte>();
        new JsonLogEncoder(new Dictionary<string, string> { ["z"] = "<1>", ["a"] = "\"" }).Encode(to, "x\n"u8, isStderr: true, 0);

        Assert.Equal("{\"log\":\"x\\n\",\"stream\":\"stderr\",\"attrs\":{\"a\":\"\\\"\",\"z\":\"\\u003c1\\u003e\"},\"time\":\"1970-01-01T00:00:00Z\"}\n", Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void Encode_AnyBytesAreValidJson()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var line = new byte[random.Next(0, 300)];
            random.NextBytes(line);
            using var parsed = JsonDocument.Parse(Encode(line, round));
            Assert.Equal(Encoding.UTF8.GetString(line).Replace("�", "", StringComparison.Ordinal), parsed.RootElement.GetProperty("log").GetString()!.Replace("�", "", StringComparison.Ordinal));
        }
    }

    private static string Encode(byte[] line, long time)
    {
        var to = new ArrayBufferWriter<byte>();
        new JsonLogEncoder().Encode(to, line, isStderr: false, time);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }
}

using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Images;
using Xunit;

namespace Gantry.Tests.Unit.Build;

/// <summary>The attributes of outputs, and what is asked to be said of results.</summary>
public sealed class ExportOptionsTests
{
    [Fact]
    public void AttributesAreRead()
    {
        var options = ExportOptions.Read(new Dictionary<string, string>
        {
            ["compression"] = "zstd",
            ["compression-level"] = "19",
            ["force-compression"] = "",
            ["oci-mediatypes"] = "false",
            ["tar"] = "0",
            ["push-by-digest"] = "true",
            ["somebody-elses"] = "x",
            ["annotation.a.b"] = "1",
            ["annotation-index[linux/arm64].c"] = "2",
            ["annotation-manifest-descriptor[linux/aarch64/v8].d"] = "3",
        });
        Assert.Equal((LayerCompression.Zstd, 19, true, false, false, true), (options.Compression!.Value, options.CompressionLevel!.Value, options.ForceCompression, options.OciTypes!.Value, options.AsArchive, options.PushByDigest));
        Assert.Equal(
            [new ImageAnnotation(AnnotationLevel.Index, "linux/arm64", "c", "2"), new ImageAnnotation(AnnotationLevel.ManifestDescriptor, "linux/arm64", "d", "3"), new ImageAnnotation(AnnotationLevel.Manifest, null, "a.b", "1")],
            options.Annotations);
    }

    [Theory]
    [InlineData("compression", "lzma", "unsupported layer compression type: lzma")]
    [InlineData("compression-level", "best", "non-integer value specified for compression-level")]
    [InlineData("tar", "perhaps", "non-bool value specified for tar")]
    [InlineData("source-date-epoch", "1", "an output has no time of its own")]
    [InlineData("annotation-layer.a", "b", "unrecognized annotation type layer")]
    [InlineData("annotation-index.", "b", "could not fully parse annotation")]
    [InlineData("annotation[linux/amd64", "b", "could not fully parse annotation")]
    public void WhatMakesNoSenseIsRefused(string name, string value, string message) =>
        Assert.StartsWith(message, Assert.Throws<GantryException>(() => ExportOptions.Read(new Dictionary<string, string> { [name] = value })).Message, StringComparison.Ordinal);

    [Fact]
    public void AttestationsAreRead()
    {
        var none = new Dictionary<string, string>();
        var spec = AttestationSpec.Read(new Dictionary<string, string> { ["provenance"] = "mode=max,version=v1,inline-only=true", ["sbom"] = "true" }, none);
        Assert.Equal(new ProvenanceSpec { IsMax = true, Version = "v1", InlineOnly = true }, spec.Provenance);
        Assert.True(spec.Packages);
        Assert.True(AttestationSpec.Read(new Dictionary<string, string> { ["provenance"] = "false", ["sbom"] = "disabled=true" }, none).IsEmpty);
        Assert.Throws<GantryException>(() => AttestationSpec.Read(new Dictionary<string, string> { ["provenance"] = "mode=most" }, none));
        Assert.Throws<GantryException>(() => AttestationSpec.Read(new Dictionary<string, string> { ["signature"] = "" }, none));
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<GantryException>(() => AttestationSpec.Read(new Dictionary<string, string> { ["sbom"] = "generator=my/scanner" }, none)).Kind);
    }
}

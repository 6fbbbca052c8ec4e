using System.Runtime.InteropServices;

namespace Gantry.Kernel.Tls;

/// <summary>OpenSSL's <c>SSL_CTX</c>.</summary>
internal sealed class TlsClientHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.FreeContext(handle);
        return true;
    }
}

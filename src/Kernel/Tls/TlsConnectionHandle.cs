using System.Runtime.InteropServices;

namespace Gantry.Kernel.Tls;

/// <summary>OpenSSL's <c>SSL</c>.</summary>
internal sealed class TlsConnectionHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.FreeConnection(handle);
        return true;
    }
}

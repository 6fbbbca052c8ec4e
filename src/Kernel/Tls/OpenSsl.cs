using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gantry.Kernel.Tls;

/// <summary>The calls of OpenSSL 3 that a client needs. The libraries are loaded by the first call, so that who asks for no TLS has none.</summary>
/// <remarks>Source: ssl(7), crypto(7), SSL_connect(3), SSL_write(3), X509_VERIFY_PARAM_set_flags(3); numbers of openssl/ssl.h and tls1.h.</remarks>
internal static unsafe partial class OpenSsl
{
    /// <summary>The Debian package of both.</summary>
    public const string Package = "libssl3";

    public const int ErrorSsl = 1, ErrorWantRead = 2, ErrorWantWrite = 3, ErrorZeroReturn = 6;
    public const int VerifyNone = 0, VerifyPeer = 1;
    public const int FileIsPem = 1;
    public const int ControlMode = 33, ControlServerName = 55, ControlMinimum = 123;
    public const int ModePartialWrite = 1, ModeMovingBuffer = 2;
    public const int Tls12 = 0x0303;

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";
    private const int Room = 256;

    /// <summary>Why the last call of this thread failed, the first cause; empties the queue of causes.</summary>
    public static string TakeError()
    {
        var code = ErrorGet();
        ErrorClear();
        if (code == 0)
            return "the connection ended";
        var text = stackalloc byte[Room];
        ErrorText(code, text, Room);
        // error:0A000086:SSL routines::certificate verify failed
        var whole = Marshal.PtrToStringUTF8((nint)text) ?? "";
        return whole[(whole.LastIndexOf(':') + 1)..];
    }

    /// <summary>What a certificate lacks.</summary>
    public static string VerifyText(nint result) => Marshal.PtrToStringUTF8(VerifyErrorText(result)) ?? $"error {result}";

    /// <summary>Keeps OpenSSL from asking a terminal for a key's password.</summary>
    public static void RefusePasswords(TlsClientHandle context) => SetPasswordCallback(context, &NoPassword);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NoPassword(byte* buffer, int size, int isWriting, void* argument) => -1;

    [LibraryImport(Ssl, EntryPoint = "TLS_client_method")]
    public static partial nint ClientMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    public static partial TlsClientHandle NewContext(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint Control(TlsClientHandle context, int command, nint number, nint argument);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_verify")]
    public static partial void SetVerify(TlsClientHandle context, int mode, nint callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_default_verify_paths")]
    public static partial int TrustSystem(TlsClientHandle context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_load_verify_locations", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TrustFile(TlsClientHandle context, string file, nint directory);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_certificate_chain_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UseCertificate(TlsClientHandle context, string file);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_PrivateKey_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UseKey(TlsClientHandle context, string file, int type);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_default_passwd_cb")]
    private static partial void SetPasswordCallback(TlsClientHandle context, delegate* unmanaged[Cdecl]<byte*, int, int, void*, int> callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_new")]
    public static partial TlsConnectionHandle NewConnection(TlsClientHandle context);

    [LibraryImport(Ssl, EntryPoint = "SSL_free")]
    public static partial void FreeConnection(nint connection);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_fd")]
    public static partial int SetSocket(TlsConnectionHandle connection, int socket);

    [LibraryImport(Ssl, EntryPoint = "SSL_ctrl", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Control(TlsConnectionHandle connection, int command, nint number, string argument);

    [LibraryImport(Ssl, EntryPoint = "SSL_get0_param")]
    public static partial nint Parameters(TlsConnectionHandle connection);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_connect_state")]
    public static partial void SetClient(TlsConnectionHandle connection);

    [LibraryImport(Ssl, EntryPoint = "SSL_do_handshake")]
    public static partial int Handshake(TlsConnectionHandle connection);

    [LibraryImport(Ssl, EntryPoint = "SSL_read")]
    public static partial int Read(TlsConnectionHandle connection, byte* buffer, int count);

    [LibraryImport(Ssl, EntryPoint = "SSL_write")]
    public static partial int Write(TlsConnectionHandle connection, byte* buffer, int count);

    [LibraryImport(Ssl, EntryPoint = "SSL_shutdown")]
    public static partial int Shutdown(TlsConnectionHandle connection);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_error")]
    public static partial int GetError(TlsConnectionHandle connection, int result);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_verify_result")]
    public static partial nint VerifyResult(TlsConnectionHandle connection);

    [LibraryImport(Crypto, EntryPoint = "X509_VERIFY_PARAM_set1_host", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetHost(nint parameters, string name, nuint length);

    [LibraryImport(Crypto, EntryPoint = "X509_VERIFY_PARAM_set1_ip_asc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAddress(nint parameters, string address);

    [LibraryImport(Crypto, EntryPoint = "X509_verify_cert_error_string")]
    private static partial nint VerifyErrorText(nint result);

    [LibraryImport(Crypto, EntryPoint = "ERR_get_error")]
    private static partial nuint ErrorGet();

    [LibraryImport(Crypto, EntryPoint = "ERR_clear_error")]
    public static partial void ErrorClear();

    [LibraryImport(Crypto, EntryPoint = "ERR_error_string_n")]
    private static partial void ErrorText(nuint code, byte* text, nuint room);
}

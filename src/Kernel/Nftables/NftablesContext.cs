using System.Runtime.InteropServices;
using Gantry.Model;

namespace Gantry.Kernel.Nftables;

/// <summary>
/// Runs nft commands through libnftables, in the network namespace of the thread that opened it. One thread at a time.
/// The library is loaded on first use, so that an engine without a bridge network does not need it.
/// </summary>
/// <remarks>Source: libnftables(3), nft(8). A buffer of commands is one transaction: all of it or nothing.</remarks>
public sealed partial class NftablesContext : IDisposable
{
    private const string Library = "libnftables.so.1";
    private const uint JsonOutput = 1 << 4;

    private readonly Handle _handle;

    private NftablesContext(Handle handle) => _handle = handle;

    /// <summary>Loads the library and opens a context.</summary>
    /// <param name="json">Whether listings are given as JSON (libnftables-json(5)).</param>
    /// <exception cref="GantryException">Unavailable: the library is missing; the message names its Debian package.</exception>
    public static NftablesContext Open(bool json = false)
    {
        Handle handle;
        try
        {
            handle = ContextNew(0);
        }
        catch (DllNotFoundException missing)
        {
            throw GantryException.Of(ErrorKind.Unavailable, $"{Library} is missing, so no container can be connected to a network; install it with: apt-get install libnftables1", cause: missing);
        }

        if (handle.IsInvalid)
            throw GantryException.Of(ErrorKind.Unavailable, $"{Library} could not open a context; the kernel may lack nf_tables");
        if (BufferOutput(handle) != 0 || BufferError(handle) != 0)
            throw GantryException.Of(ErrorKind.Exhausted, $"{Library} could not make its output buffers");
        if (json)
            SetOutputFlags(handle, JsonOutput);
        return new(handle);
    }

    /// <summary>Runs commands as one transaction.</summary>
    /// <returns>Whether they were carried out, what they printed, and the library's complaint.</returns>
    public (bool Succeeded, string Output, string Error) TryRun(string commands)
    {
        var result = RunFromBuffer(_handle, commands);
        var output = Marshal.PtrToStringUTF8(GetOutput(_handle)) ?? "";
        var error = Marshal.PtrToStringUTF8(GetError(_handle)) ?? "";
        return (result == 0, output, error);
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport(Library, EntryPoint = "nft_ctx_new")]
    private static partial Handle ContextNew(uint flags);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_output")]
    private static partial int BufferOutput(Handle context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_error")]
    private static partial int BufferError(Handle context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_output_buffer")]
    private static partial nint GetOutput(Handle context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_error_buffer")]
    private static partial nint GetError(Handle context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_output_set_flags")]
    private static partial void SetOutputFlags(Handle context, uint flags);

    [LibraryImport(Library, EntryPoint = "nft_run_cmd_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RunFromBuffer(Handle context, string commands);

    private sealed partial class Handle : SafeHandle
    {
        public Handle()
            : base(0, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            ContextFree(handle);
            return true;
        }

        [LibraryImport(Library, EntryPoint = "nft_ctx_free")]
        private static partial void ContextFree(nint context);
    }
}

internal import CCurl
internal import OpenSSLHooks
internal import SecretMemory

/// Places all that libcurl allocates in the arena.
package enum CurlMemory {
    /// Why requests cannot be made.
    package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        /// libcurl's code.
        package let code: UInt32

        package var description: String { "libcurl could not be started (code \(code))" }
    }

    private static let outcome: CURLcode = {
        // libcurl starts OpenSSL, whose hooks are refused once it has allocated.
        OpenSSLMemory.install()
        return unsafe curl_global_init_mem(
            Int(CURL_GLOBAL_DEFAULT),
            AllocatorHooks.curlAllocate,
            AllocatorHooks.curlFree,
            AllocatorHooks.curlReallocate,
            AllocatorHooks.curlDuplicate,
            AllocatorHooks.curlAllocateMany
        )
    }()

    /// Sets the hooks and starts the library. Only the first call does anything. Call it before any other thread starts.
    package static func install() throws(Refusal) {
        guard outcome == CURLE_OK else { throw Refusal(code: outcome.rawValue) }
    }
}

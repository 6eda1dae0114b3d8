internal import Agent
internal import Glibc
internal import OpenSSLHooks
internal import SecretMemory
internal import TLS

#if WipingFree
    internal import CWipingFree
#endif

/// Sends every allocation of the C libraries to locked memory, before their first.
enum MemoryHooks {
    static func install() {
        do throws(LockRefusal) { try Arena.start(Arena.Options()) } catch { refuse("\(error)") }
        guard OpenSSLMemory.install() else { refuse("OpenSSL has allocated memory before it was given ours") }
        #if WipingFree
            guard wiping_free_is_in_force() == 1 else { refuse("the wiping free is not linked in") }
        #endif
    }

    private static func refuse(_ reason: String) -> Never {
        StandardError.write("tacit: \(reason)")
        exit(2)
    }
}

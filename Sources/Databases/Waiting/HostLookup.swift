internal import EventLoop
internal import Glibc
internal import SecretMemory

/// The addresses of a name. The system's resolver has no deadline, so it runs on a thread of its own, which ends by itself
/// when nobody waits for it any more.
package final class HostLookup: Sendable {
    /// Addresses of one name that are tried.
    package static let maximumAddresses = 8

    package struct Answer: Sendable {
        package var addresses: [String]
        /// The resolver's code; 0 where it found something.
        package var code: CInt
    }

    private let inbox: Inbox<Answer>

    package init(_ name: String) throws(DatabaseError) {
        do throws(SystemFailure) { inbox = try Inbox() } catch { throw DatabaseError(.unreachable, "\(error)") }
        let inbox = inbox
        do throws(DedicatedThread.Refusal) {
            _ = try DedicatedThread(name: "tacit-resolve") { inbox.send(Self.resolve(name, AI_ADDRCONFIG)) }
        } catch {
            throw DatabaseError(.unreachable, "no thread could be started to look up \(name) (errno \(error.code))")
        }
    }

    /// What the resolver found. To be called again after a deadline has passed.
    package func wait(_ patience: Patience) throws(DatabaseError) -> Answer {
        while true {
            if let answer = inbox.takeAll().first { return answer }
            try patience.wait(for: inbox.descriptor, POLLIN)
        }
    }

    /// The address itself where `name` is one, without asking anybody.
    package static func numeric(_ name: String) -> String? { resolve(name, AI_NUMERICHOST).addresses.first }

    private static func resolve(_ name: String, _ flags: CInt) -> Answer {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = flags
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(name, nil, &hints, &first)
        defer { if let first = unsafe first { unsafe freeaddrinfo(first) } }
        var addresses: [String] = []
        var next = unsafe code == 0 ? first : nil
        while let entry = unsafe next, addresses.count < maximumAddresses {
            if let text = unsafe numeric(entry.pointee), !addresses.contains(text) { addresses.append(text) }
            unsafe next = entry.pointee.ai_next
        }
        return Answer(addresses: addresses, code: code)
    }

    private static func numeric(_ entry: addrinfo) -> String? {
        let text = unsafe String(unsafeUninitializedCapacity: Int(NI_MAXHOST)) { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { chars in
                let size = socklen_t(chars.count)
                let code = unsafe getnameinfo(
                    entry.ai_addr,
                    entry.ai_addrlen,
                    chars.baseAddress,
                    size,
                    nil,
                    0,
                    NI_NUMERICHOST
                )
                guard code == 0, let start = chars.baseAddress else { return 0 }
                return unsafe strnlen(start, chars.count)
            }
        }
        return text.isEmpty ? nil : text
    }

    /// The resolver's words for a code.
    package static func words(_ code: CInt) -> String { unsafe String(cString: gai_strerror(code)) }

    /// Whether a numeric address is this machine's own.
    package static func isLoopback(_ address: String) -> Bool { address == "::1" || address.hasPrefix("127.") }
}

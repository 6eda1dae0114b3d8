internal import Configuration
internal import Glibc

/// Where a socket is bound, in a form that can be compared with what was configured.
enum SocketAddress: Equatable, Sendable, CustomStringConvertible {
    case unix(String)
    /// A name that is no file.
    case abstract(String)
    /// A family, the bytes of the address in the order of the network, and a port.
    case internet(CInt, [UInt8], UInt16)

    /// The address that a socket has; nil where it is neither a Unix nor an Internet socket.
    init?(of descriptor: CInt) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getsockname(descriptor, address, &size)
            }
        }
        guard result == 0 else { return nil }
        // Sound: both are copies of plain bytes on this stack.
        let bytes = unsafe withUnsafeBytes(of: &storage) { raw in unsafe Array(raw.prefix(Int(size))) }
        self.init(bytes)
    }

    /// Reads a `sockaddr`.
    private init?(_ bytes: [UInt8]) {
        let familyBytes = MemoryLayout<sa_family_t>.size
        guard bytes.count >= familyBytes else { return nil }
        let family = CInt(UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
        switch family {
        case AF_UNIX:
            let path = bytes.dropFirst(familyBytes)
            if path.first == 0 {
                self = .abstract(String(decoding: path.dropFirst(), as: UTF8.self))
            } else {
                self = .unix(String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
            }
        // The port comes first in both; with IPv6 the flow label stands between it and the address.
        case AF_INET where bytes.count >= 8:
            self = .internet(family, Array(bytes[4..<8]), UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
        case AF_INET6 where bytes.count >= 24:
            self = .internet(family, Array(bytes[8..<24]), UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
        default: return nil
        }
    }

    /// The addresses that a configured one stands for: a host name may have several.
    static func all(of address: ListenerSettings.Address) -> [SocketAddress] {
        switch address {
        case .unix(let path): return [.unix(path)]
        case .tcp(let address):
            let found = unsafe try? Listener.withAddresses(of: address) { (first) throws(Listener.Failure) in
                var found: [SocketAddress] = []
                var next: UnsafeMutablePointer<addrinfo>? = unsafe first
                while let info = unsafe next {
                    let bytes = unsafe UnsafeRawBufferPointer(
                        start: info.pointee.ai_addr,
                        count: Int(info.pointee.ai_addrlen)
                    )
                    if let one = unsafe SocketAddress(Array(bytes)) { found.append(one) }
                    unsafe next = info.pointee.ai_next
                }
                return found
            }
            return found ?? []
        }
    }

    var description: String {
        switch self {
        case .unix(let path): return path.isEmpty ? "a Unix socket without a path" : "unix://\(path)"
        case .abstract(let name): return "the abstract Unix socket @\(name)"
        case .internet(let family, let bytes, let port):
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "port \(port)" }
            let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return "tcp://\(HostAndPort(host: host, port: port))"
        }
    }
}

import Foundation
import Glibc
import Synchronization

/// Stands between a client and a server on this machine, and can keep back what the server answers.
final class MutedProxy: Sendable {
    let port: Int
    private let listener: CInt
    private let target: Int
    private let isMuted = Atomic(false)
    private let open = Mutex<[CInt]>([])

    init(to target: Int) throws {
        self.target = target
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = Self.address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, size) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard bound else { throw CocoaError(.featureUnsupported) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                self.relay(client)
            }
        }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    /// From now on answers are thrown away, until all connections have been cut.
    func mute() { isMuted.store(true, ordering: .sequentiallyConsistent) }

    func cutAll() {
        open.withLock { all in
            for descriptor in all { shutdown(descriptor, CInt(SHUT_RDWR)) }
            all = []
        }
        isMuted.store(false, ordering: .sequentiallyConsistent)
    }

    private func relay(_ client: CInt) {
        let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = Self.address(target)
        let isConnected = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(client)
            close(server)
            return
        }
        open.withLock { $0 += [client, server] }
        // Descriptors stay open to the end of the tests, so that no other connection gets their numbers.
        Thread.detachNewThread { self.pump(client, server, isAnswer: false) }
        Thread.detachNewThread { self.pump(server, client, isAnswer: true) }
    }

    private func pump(_ source: CInt, _ sink: CInt, isAnswer: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if isAnswer, isMuted.load(ordering: .sequentiallyConsistent) { continue }
            var sent = 0
            while sent < count {
                let part = unsafe buffer.withUnsafeBytes { bytes in
                    unsafe send(sink, bytes.baseAddress.map { unsafe $0 + sent }, count - sent, CInt(MSG_NOSIGNAL))
                }
                guard part > 0 else { break }
                sent += part
            }
            guard sent == count else { break }
        }
        shutdown(source, CInt(SHUT_RDWR))
        shutdown(sink, CInt(SHUT_RDWR))
    }
}

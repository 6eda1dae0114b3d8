import Foundation
import Glibc

/// Speaks just enough of the protocol to accept a login, and then answers with what a test wants.
final class ScriptedServer: Sendable {
    struct ScriptFailure: Error { let what: String }

    let port: UInt16
    private let listener: CInt

    /// - Parameters:
    ///   - row: what the only row of each answer consists of, behind its header and map of NULLs.
    ///   - prepared: how many columns it says a statement will have.
    ///   - columns: how many its answer has then.
    init(row: [UInt8], prepared: Int = 1, columns: Int = 1) throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(listener, address, size) == 0, listen(listener, 8) == 0 else { return CInt(-1) }
                return unsafe getsockname(listener, address, &size)
            }
        }
        guard code == 0 else { throw ScriptFailure(what: "a listener: errno \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        self.listener = listener
        let answer = Self.answer(row: row, columns: columns)
        let prepared = Self.prepared(columns: prepared)
        Thread.detachNewThread {
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { break }
                Self.serve(peer, prepared, answer)
                close(peer)
            }
            // Not before the thread has done with it: the number could already be another's.
            close(listener)
        }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
    }

    private static func serve(_ peer: CInt, _ prepared: [UInt8], _ answer: [UInt8]) {
        guard say(peer, greeting), heard(peer) != nil, say(peer, packet(2, okay)) else { return }
        while let command = heard(peer) {
            let reply: [UInt8]
            switch command {
            case 0x16: reply = prepared
            case 0x17: reply = answer
            case 0x19: continue
            default: reply = packet(1, okay)
            }
            guard say(peer, reply) else { return }
        }
    }

    /// The first byte of what came, behind a packet's header.
    private static func heard(_ peer: CInt) -> UInt8? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe recv(peer, &buffer, buffer.count, 0)
        return count > 4 ? buffer[4] : nil
    }

    private static func say(_ peer: CInt, _ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe send(peer, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) } == bytes.count
    }

    // MARK: Packets

    private static func packet(_ number: UInt8, _ body: [UInt8]) -> [UInt8] { little(body.count, 3) + [number] + body }

    private static func little(_ number: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    /// No rows were changed, nothing is under way.
    private static let okay: [UInt8] = [0, 0, 0, 2, 0, 0, 0]
    private static let end: [UInt8] = [0xfe, 0, 0, 2, 0]

    private static let greeting: [UInt8] = {
        // Protocol 4.1, transactions, safe passwords, authentication by plugin, a database at the login.
        let capabilities = 0x0008_a20f | 0x0001_0000
        var body: [UInt8] = [10] + Array("10.11.0-MariaDB\0".utf8) + little(1, 4) + Array("12345678\0".utf8)
        body += little(capabilities & 0xffff, 2) + [45] + little(2, 2) + little(capabilities >> 16, 2) + [21]
        body += [UInt8](repeating: 0, count: 10) + Array("901234567890\0".utf8) + Array("mysql_native_password\0".utf8)
        return packet(0, body)
    }()

    private static let column: [UInt8] = {
        let names = ["def", "", "", "", "a", "a"].flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return names + [12] + little(63, 2) + little(65_535, 4) + [blob] + little(128, 2) + [0, 0, 0]
    }()
    private static let blob: UInt8 = 0xfc

    private static func definitions(_ columns: Int) -> [UInt8] {
        (0..<columns).flatMap { packet(UInt8(2 + $0), column) } + packet(UInt8(2 + columns), end)
    }

    private static func prepared(columns: Int) -> [UInt8] {
        packet(1, [0] + little(1, 4) + little(columns, 2) + [0, 0, 0, 0, 0]) + definitions(columns)
    }

    private static func answer(row: [UInt8], columns: Int) -> [UInt8] {
        let nulls = [UInt8](repeating: 0, count: (columns + 9) / 8)
        return packet(1, [UInt8(columns)]) + definitions(columns) + packet(UInt8(3 + columns), [0] + nulls + row)
            + packet(UInt8(4 + columns), end)
    }
}

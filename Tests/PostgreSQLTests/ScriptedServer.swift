import Foundation
import Glibc

/// Speaks just enough of the protocol to be asked something, and then answers with what a test wants.
///
final class ScriptedServer: Sendable {
    /// What it says after a connection's first message, and after each later one.
    struct Script: Sendable {
        var greeting: [UInt8] = ScriptedServer.welcome
        /// What comes before the answer, once.
        var opening: [UInt8] = []
        var answer: [UInt8] = []
        /// Whether the answer is sent again and again until the other side hangs up.
        var isEndless = false
        /// Whether it hangs up after the answer.
        var hangsUp = false
    }

    struct ScriptFailure: Error { let what: String }

    let port: UInt16
    private let listener: CInt

    /// Login accepted, ready for a statement.
    static let welcome = message("R", [0, 0, 0, 0]) + message("Z", Array("I".utf8))

    init(_ script: Script) throws {
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
        Thread.detachNewThread {
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { break }
                Self.serve(peer, script)
                close(peer)
            }
            // Not before the thread has done with it: the number could already be another's.
            close(listener)
        }
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
    }

    private static func serve(_ peer: CInt, _ script: Script) {
        guard heard(peer), say(peer, script.greeting) else { return }
        while heard(peer), say(peer, script.opening) {
            repeat {
                guard say(peer, script.answer) else { return }
            } while script.isEndless
            if script.hangsUp { return }
        }
    }

    private static func heard(_ peer: CInt) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        return unsafe recv(peer, &buffer, buffer.count, 0) > 0
    }

    private static func say(_ peer: CInt, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe send(peer, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    // MARK: Messages

    static func message(_ type: Character, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
        Array(type.utf8) + number(length ?? body.count + 4, 4) + body
    }

    static func number(_ number: Int, _ bytes: Int) -> [UInt8] {
        (1...bytes).map { UInt8(truncatingIfNeeded: number >> ((bytes - $0) * 8)) }
    }

    /// Columns of that type, all called "a".
    static func columns(_ count: Int, type: Int = 20) -> [UInt8] {
        let column = Array("a\0".utf8) + number(0, 6) + number(type, 4) + number(8, 2) + number(-1, 4) + number(1, 2)
        return message("T", number(count, 2) + (0..<count).flatMap { _ in column })
    }

    static func row(_ value: [UInt8], length: Int? = nil) -> [UInt8] {
        message("D", number(1, 2) + number(length ?? value.count, 4) + value)
    }

    static func error(_ fields: [(Character, String)]) -> [UInt8] {
        message("E", fields.flatMap { Array($0.0.utf8) + Array($0.1.utf8) + [0] } + [0])
    }

    /// A statement that is parsed and bound, which is what an answer begins with.
    static let begun = message("1", []) + message("2", [])
    static let ended = message("C", Array("SELECT 1\0".utf8)) + message("Z", Array("I".utf8))
}

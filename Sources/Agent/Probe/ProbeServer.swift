#if MEMORY_PROBE
    internal import EventLoop
    internal import Glibc
    internal import SecretMemory

    /// Lets a test search the arena of a running agent. Debug builds only, and only where `TACIT_PROBE` names a socket.
    ///
    /// A request is the number of needles, the length of each (numbers of four bytes, little-endian), then the needles, masked
    /// with 0x5a. The answer is the number of segments, address and size of each (of eight bytes), then how often each needle
    /// was found.
    enum ProbeServer {
        /// Most bytes of needles that a request may bring.
        private static let needleBytes = 64 << 20

        /// Serves one request after the other, on a thread of its own, for as long as the process lives.
        static func start() throws {
            guard let path = unsafe getenv("TACIT_PROBE").map({ unsafe String(cString: $0) }) else { return }
            let listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
                for (index, byte) in path.utf8.enumerated() where index < target.count - 1 {
                    unsafe target[index] = byte
                }
            }
            let isListening = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe bind(listener, address, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                        && listen(listener, 8) == 0
                }
            }
            guard isListening else { throw SystemFailure(operation: "listen for the probe", code: errno) }
            _ = try DedicatedThread(name: "tacit-probe") {
                while true {
                    let client = accept(listener, nil, nil)
                    guard client >= 0 else { continue }
                    answer(client)
                    close(client)
                }
            }
        }

        private static func answer(_ client: CInt) {
            guard let count = read(client, byteCount: 4).map({ number($0[...]) }), count > 0, count < 16 << 20,
                let lengthBytes = read(client, byteCount: 4 * Int(count))
            else { return }
            let lengths = stride(from: 0, to: lengthBytes.count, by: 4).map { number(lengthBytes[$0..<($0 + 4)]) }
            let total = lengths.reduce(0) { $0 + Int($1) }
            guard lengths.allSatisfy({ $0 >= 8 }), total <= needleBytes, let needles = read(client, byteCount: total)
            else {
                return
            }
            let segments = ArenaProbe.segments
            let found = ArenaProbe.count(needles: needles, lengths: lengths)
            var reply = bytes(UInt64(segments.count), count: 4)
            for segment in segments {
                reply += bytes(UInt64(segment.address), count: 8) + bytes(UInt64(segment.byteCount), count: 8)
            }
            for hits in found { reply += bytes(UInt64(hits), count: 4) }
            send(client, reply)
        }

        private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
            bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }

        private static func bytes(_ number: UInt64, count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
        }

        private static func read(_ client: CInt, byteCount: Int) -> [UInt8]? {
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
                while filled < byteCount {
                    let count = unsafe Glibc.read(
                        client,
                        buffer.baseAddress.map { unsafe $0 + filled },
                        byteCount - filled
                    )
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    filled += count
                }
            }
            return bytes.count == byteCount ? bytes : nil
        }

        private static func send(_ client: CInt, _ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBufferPointer { buffer in
                    unsafe Glibc.send(client, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
#endif

internal import Glibc

/// Messages for people; standard output is for values and data.
enum StandardError {
    static func write(_ message: String, terminator: String = "\n") {
        var rest = Array((message + terminator).utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBufferPointer { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

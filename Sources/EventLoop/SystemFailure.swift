internal import Glibc

/// A system call that failed where it must not.
package struct SystemFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package let operation: String
    package let code: CInt

    package init(operation: String, code: CInt) {
        self.operation = operation
        self.code = code
    }

    package var description: String {
        "\(operation) failed with errno \(code) (\(unsafe String(cString: strerror(code))))"
    }
}

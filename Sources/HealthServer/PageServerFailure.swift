internal import Glibc
internal import NIOCore

/// Why an address cannot be listened on.
package struct PageServerFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ error: any Error) {
        description =
            switch error {
            case let error as IOError: unsafe String(cString: strerror(error.errnoCode))
            case is SocketAddressError: "it is no address of this machine"
            default: "\(error)"
            }
    }
}

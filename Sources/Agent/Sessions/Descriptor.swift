internal import Glibc

/// An owned file descriptor, closed exactly once.
struct Descriptor: ~Copyable {
    let raw: CInt
    init(adopting raw: CInt) { self.raw = raw }
    deinit { close(raw) }
}

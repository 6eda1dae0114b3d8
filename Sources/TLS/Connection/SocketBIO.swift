internal import COpenSSL
internal import Glibc

/// OpenSSL's way to a socket. Its own writes with write(2), which raises SIGPIPE where the peer is gone; a library
/// has no business with its program's signals, so this one uses send(2) without it.
@unsafe
enum SocketBIO {
    /// Sound to share: it is complete before anybody sees it, and never changed or freed.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | CInt(BIO_TYPE_SOURCE_SINK), "socket") else {
            return nil
        }
        unsafe BIO_meth_set_read_ex(method, receive)
        unsafe BIO_meth_set_write_ex(method, transmit)
        unsafe BIO_meth_set_ctrl(method, control)
        return unsafe method
    }()

    /// Lets `ssl` read from and write to `descriptor`, which stays the caller's and must stay open for as long as
    /// `ssl` is used.
    ///
    /// - Returns: false where there is no memory for it.
    static func attach(_ descriptor: CInt, to ssl: OpaquePointer) -> Bool {
        guard let method = unsafe method, let bio = unsafe BIO_new(method) else { return false }
        unsafe BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: Int(descriptor)))
        unsafe BIO_set_init(bio, 1)
        unsafe SSL_set_bio(ssl, bio, bio)
        return true
    }

    private static func descriptor(of bio: OpaquePointer?) -> CInt {
        CInt(truncatingIfNeeded: Int(bitPattern: unsafe BIO_get_data(bio)))
    }

    private static let receive:
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
            bio,
            data,
            size,
            done in
            unsafe BIO_clear_flags(bio, retryFlags | CInt(BIO_FLAGS_IN_EOF))
            let count = unsafe recv(descriptor(of: bio), data, size, 0)
            if count > 0 {
                unsafe done?.pointee = count
                return 1
            }
            if count == 0 {
                unsafe BIO_set_flags(bio, CInt(BIO_FLAGS_IN_EOF))
            } else if unsafe isTransient(errno) {
                unsafe BIO_set_flags(bio, CInt(BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY))
            }
            return 0
        }

    private static let transmit:
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> CInt = {
            bio,
            data,
            size,
            done in
            unsafe BIO_clear_flags(bio, retryFlags)
            let count = unsafe send(descriptor(of: bio), data, size, CInt(MSG_NOSIGNAL))
            if count >= 0 {
                unsafe done?.pointee = count
                return 1
            }
            if unsafe isTransient(errno) { unsafe BIO_set_flags(bio, CInt(BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)) }
            return 0
        }

    private static let control: @convention(c) (OpaquePointer?, CInt, Int, UnsafeMutableRawPointer?) -> Int = {
        bio,
        command,
        _,
        _ in
        switch command {
        case BIO_CTRL_FLUSH, BIO_CTRL_DUP: 1
        case BIO_CTRL_EOF: unsafe BIO_test_flags(bio, CInt(BIO_FLAGS_IN_EOF)) != 0 ? 1 : 0
        default: 0
        }
    }

    private static let retryFlags = CInt(
        BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY
    )

    private static func isTransient(_ code: CInt) -> Bool { code == EAGAIN || code == EWOULDBLOCK || code == EINTR }
}

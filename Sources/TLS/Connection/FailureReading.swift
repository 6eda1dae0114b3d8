internal import COpenSSL
internal import Glibc

/// Turns what OpenSSL left behind after a failed call into a reason. Empties the error queue.
enum FailureReading {
    /// The reason of a failed handshake in which no callback objected.
    static func handshake() -> HandshakeFailure {
        defer { ErrorQueue.clear() }
        let code = ERR_peek_error()
        if ERR_GET_LIB(code) != CInt(ERR_LIB_SSL) { return HandshakeFailure(other(code)) }
        let reason = ERR_GET_REASON(code)
        switch reason {
        case CInt(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE): return HandshakeFailure(.noCertificate)
        case CInt(SSL_R_NO_APPLICATION_PROTOCOL): return HandshakeFailure(.noProtocol)
        case CInt(SSL_R_UNSUPPORTED_PROTOCOL), CInt(SSL_R_VERSION_TOO_LOW), CInt(SSL_R_WRONG_SSL_VERSION),
            CInt(SSL_R_UNKNOWN_PROTOCOL), CInt(SSL_R_TLS_ILLEGAL_EXPORTER_LABEL):
            return HandshakeFailure(.protocolVersion)
        case CInt(SSL_R_WRONG_VERSION_NUMBER), CInt(SSL_R_HTTP_REQUEST), CInt(SSL_R_HTTPS_PROXY_REQUEST),
            CInt(SSL_R_RECORD_LENGTH_MISMATCH), CInt(SSL_R_BAD_RECORD_TYPE), CInt(SSL_R_PACKET_LENGTH_TOO_LONG),
            CInt(SSL_R_RECORD_TOO_SMALL), CInt(SSL_R_UNEXPECTED_RECORD):
            return HandshakeFailure(.notTLS)
        case CInt(SSL_R_UNEXPECTED_EOF_WHILE_READING): return HandshakeFailure(.closed)
        default:
            if let alert = alert(reason) { return HandshakeFailure(.refused(alert)) }
            return HandshakeFailure(other(code))
        }
    }

    /// The reason of a failed read or write.
    static func connection() -> ConnectionFailure {
        defer { ErrorQueue.clear() }
        let code = ERR_peek_error()
        if ERR_GET_LIB(code) == CInt(ERR_LIB_SSL), let alert = alert(ERR_GET_REASON(code)) { return .alert(alert) }
        return .other(code == 0 ? "no reason given" : ErrorQueue.text(of: code))
    }

    private static func other(_ code: UInt) -> HandshakeFailure.Reason {
        if code == 0 { return .closed }
        return ERR_GET_REASON(code) == CInt(ERR_R_MALLOC_FAILURE) ? .noMemory : .other(ErrorQueue.text(of: code))
    }

    /// OpenSSL numbers its reasons for a received alert from 1000.
    private static func alert(_ reason: CInt) -> Alert? {
        UInt8(exactly: reason - CInt(SSL_AD_REASON_OFFSET)).map(Alert.init(rawValue:))
    }
}

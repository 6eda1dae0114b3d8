internal import COpenSSL

/// Why certificates, keys or a TLS context could not be used, in words an operator can act on. It never carries key
/// material.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being done, as in "reading the private key".
    package let operation: String
    /// The file it was done with, where there is one.
    package let file: String?
    /// What went wrong, the most telling reason first.
    package let reasons: [String]
    /// What to do about it, where that is known.
    package let advice: String?

    package init(operation: String, file: String? = nil, reasons: [String], advice: String? = nil) {
        self.operation = operation
        self.file = file
        self.reasons = reasons
        self.advice = advice
    }

    package var description: String {
        var text = operation
        if let file { text += " \(file)" }
        text += " failed: "
        text += reasons.isEmpty ? "OpenSSL gave no reason" : reasons.joined(separator: "; ")
        if let advice { text += ". \(advice)" }
        return text
    }

    /// The reasons that wait in this thread's error queue of OpenSSL, which is empty afterwards.
    static func draining(_ operation: String, file: String? = nil, advice: String? = nil) -> TLSError {
        TLSError(operation: operation, file: file, reasons: ErrorQueue.drain(), advice: advice)
    }
}

import Foundation

/// A request as a fake saw it.
package struct RecordedRequest: Sendable {
    package let method: String
    /// With its query, as it was sent.
    package let path: String
    /// Names in lower case; what is secret is `***`, after the scheme where there is one.
    package let headers: [String: String]
    /// Bytes of its body.
    package let length: Int
    /// Seconds since 1970, when it had been handled.
    package let time: Double
    /// Counted from 1 over all listeners of this fake.
    package let connection: Int
    /// `tls`, `plain`, or another that the fake announced an address of.
    package let listener: String
    /// The name of the credential that it carried, as given when the credential was made; nil without any.
    package let credential: String?
    /// Of the answer; nil where a fault sent none.
    package let status: Int?
    /// The fault that it met.
    package let fault: String?

    init?(_ members: [String: Any]) {
        guard let method = members["method"] as? String, let path = members["path"] as? String,
            let headers = members["headers"] as? [String: String], let length = members["length"] as? Int,
            let time = members["time"] as? Double, let connection = members["connection"] as? Int,
            let listener = members["listener"] as? String
        else { return nil }
        self.method = method
        self.path = path
        self.headers = headers
        self.length = length
        self.time = time
        self.connection = connection
        self.listener = listener
        credential = members["credential"] as? String
        status = members["status"] as? Int
        fault = members["fault"] as? String
    }
}

internal import SecretMemory
internal import Secrets

/// Making, changing and deleting secrets.
extension AWSSecretsService {
    /// Makes a secret.
    ///
    /// - Returns: its address and the version of its value.
    func create(
        _ name: String,
        tags: [AWSTag],
        description: String?,
        value: borrowing SecretBytes,
        doing action: String
    ) async throws(AWSFault) -> (arn: String, version: String) {
        let body = try Self.writeBody(value) { (body) throws(MemoryError) in
            try body.key("Name")
            try body.string(name)
            if let description {
                try body.key("Description")
                try body.string(description)
            }
            try Self.write(tags, into: &body)
        }
        let document = try await call("CreateSecret", body, doing: action)
        guard let arn = document.string(document.node("ARN")) else {
            throw .failed(.malformed(detail: "\(action) was answered without an ARN"))
        }
        return (arn, try Self.version(document, doing: action))
    }

    /// Gives a secret another value, and a description where there is one.
    ///
    /// - Returns: the new version.
    func write(
        _ id: String,
        description: String?,
        value: borrowing SecretBytes,
        doing action: String
    ) async throws(AWSFault) -> String {
        let body = try Self.writeBody(value) { (body) throws(MemoryError) in
            try body.key("SecretId")
            try body.string(id)
            guard let description else { return }
            try body.key("Description")
            try body.string(description)
        }
        // Who only writes values needs no more than the permission to do that.
        let operation = description == nil ? "PutSecretValue" : "UpdateSecret"
        return try Self.version(try await call(operation, body, doing: action), doing: action)
    }

    /// Adds labels, or gives them other values; others stay.
    func tag(_ id: String, _ tags: [AWSTag], doing action: String) async throws(AWSFault) {
        let body = try Self.body { (body) throws(MemoryError) in
            try body.key("SecretId")
            try body.string(id)
            try Self.write(tags, into: &body)
        }
        _ = try await call("TagResource", body, doing: action)
    }

    /// Schedules a secret's deletion.
    func delete(_ id: String, recoveryDays: Int, doing action: String) async throws(AWSFault) {
        let body = try Self.body { (body) throws(MemoryError) in
            try body.key("SecretId")
            try body.string(id)
            try body.key("RecoveryWindowInDays")
            try body.integer(Int64(recoveryDays))
        }
        _ = try await call("DeleteSecret", body, doing: action)
    }

    /// Takes a scheduled deletion back.
    func restore(_ id: String, doing action: String) async throws(AWSFault) {
        let body = try Self.body { (body) throws(MemoryError) in
            try body.key("SecretId")
            try body.string(id)
        }
        _ = try await call("RestoreSecret", body, doing: action)
    }

    // MARK: Pieces

    /// A body with a value. Text stays text, which people can read in AWS's console; everything else goes as bytes.
    private static func writeBody(
        _ value: borrowing SecretBytes,
        _ write: (inout JSONWriter) throws(MemoryError) -> Void
    ) throws(AWSFault) -> SecretBytes {
        let bytes = value.bytes
        let isText = bytes.isUTF8 && !bytes.indices.contains { bytes[$0] == 0 }
        do throws(MemoryError) {
            var writer = JSONWriter()
            try writer.beginObject()
            try write(&writer)
            // The number of the new version: whoever sends the call must choose it.
            try writer.key("ClientRequestToken")
            try writer.string(randomToken())
            try writer.key(isText ? "SecretString" : "SecretBinary")
            if isText { try writer.string(bytes) } else { try writer.base64(bytes) }
            try writer.endObject()
            return try writer.finish()
        } catch {
            throw .failed(.memory(error))
        }
    }

    private static func write(_ tags: [AWSTag], into body: inout JSONWriter) throws(MemoryError) {
        try body.key("Tags")
        try body.beginArray()
        for tag in tags {
            try body.beginObject()
            try body.key("Key")
            try body.string(tag.key)
            try body.key("Value")
            try body.string(tag.value)
            try body.endObject()
        }
        try body.endArray()
    }

    private static func version(
        _ document: borrowing JSONDocument,
        doing action: String
    ) throws(AWSFault) -> String {
        guard let version = document.string(document.node("VersionId")), !version.isEmpty else {
            throw .failed(.malformed(detail: "\(action) was answered without a version"))
        }
        return version
    }

    /// A random number in the form of RFC 9562, version 4.
    private static func randomToken() -> String {
        let high = UInt64.random(in: .min ... .max) & 0xffff_ffff_ffff_0fff | 0x4000
        let low = UInt64.random(in: .min ... .max) & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        let digits = [high, low].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
        var token = ""
        for (place, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(place) { token.append("-") }
            token.append(digit)
        }
        return token
    }
}

internal import Backends
internal import SecretMemory
internal import Secrets

/// An entry of an environment block, `NAME=VALUE` and the byte that ends it, in locked memory.
struct EnvironmentEntry {
    /// Bytes of the longest entry that the kernel takes, on machines with pages of 4 KiB.
    static let byteLimit = 128 << 10

    enum Refusal: Error {
        /// The value has a zero byte, which ends an entry.
        case zeroByte
        case tooLong
        case memory
    }

    let name: String
    let bytes: SharedSecret

    /// - Parameter encoded: as Kestra reads secrets, named `SECRET_NAME` and in Base64.
    init(name: String, value: Span<UInt8>, encoded: Bool) throws(Refusal) {
        self.name = encoded ? EnvironmentOptions.prefix + name : name
        let valueCount = encoded ? Base64.encodedCount(value.count) : value.count
        let count = self.name.utf8.count + 1 + valueCount + 1
        guard count <= Self.byteLimit else { throw .tooLong }
        if !encoded {
            for index in value.indices where value[index] == 0 { throw .zeroByte }
        }
        let name = self.name
        do throws(MemoryError) {
            bytes = SharedSecret(
                try SecretBytes(capacity: count, account: .general) { output in
                    output.append(contentsOf: name.utf8Span.span)
                    output.append(UInt8(ascii: "="))
                    if encoded {
                        Base64.encode(value, into: &output)
                    } else {
                        output.append(contentsOf: value)
                    }
                    output.append(0)
                }
            )
        } catch {
            throw .memory
        }
    }
}

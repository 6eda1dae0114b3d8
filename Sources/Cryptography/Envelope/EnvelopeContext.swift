/// What an envelope is bound to: it opens for exactly this tenant, namespace, key and version.
package struct EnvelopeContext: Sendable {
    package let tenant: String
    package let namespace: String
    package let key: String
    package let version: UInt64

    package init(tenant: String, namespace: String, key: String, version: UInt64) {
        self.tenant = tenant
        self.namespace = namespace
        self.key = key
        self.version = version
    }

    /// The authenticated data after the header. Each text is preceded by its length, so that no two contexts look the same.
    func append(to data: inout [UInt8]) {
        for text in [tenant, namespace, key] {
            let utf8 = text.utf8
            Self.append(UInt64(utf8.count), byteCount: 4, to: &data)
            data.append(contentsOf: utf8)
        }
        Self.append(version, byteCount: 8, to: &data)
    }

    private static func append(_ value: UInt64, byteCount: Int, to data: inout [UInt8]) {
        for index in (0..<byteCount).reversed() { data.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}

internal import Glibc
internal import SecretMemory

/// What a node is called where the configuration does not say.
enum NodeName {
    /// The variable `NODE_NAME`, which containers are given, or else the host's name; nil where neither is known.
    static func found(in environment: any ConfigurationEnvironment) -> String? {
        if let value = try? environment.value("NODE_NAME"), let text = ScalarText(value).string(), !text.isEmpty {
            return text
        }
        return hostName()
    }

    private static func hostName() -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, unsafe gethostname(start, 255) == 0 else { return nil }
            unsafe start[255] = 0
            let name = unsafe String(cString: start)
            return name.isEmpty ? nil : name
        }
    }
}

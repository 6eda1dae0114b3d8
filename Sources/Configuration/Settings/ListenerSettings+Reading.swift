extension ListenerSettings {
    init(_ reader: ConfigurationReader) {
        let text = reader.string("address")
        if !text.isEmpty {
            if let parsed = Address(text) {
                address = parsed
            } else {
                reader.report(
                    "address",
                    "must be unix:///PATH of at most \(Self.longestPath) bytes, tcp://HOST:PORT or tcp://[IPV6]:PORT"
                )
            }
        }
        if let digits = reader.optionalString("mode") {
            if digits.utf8.count <= 4, let parsed = UInt16(digits, radix: 8), parsed <= 0o777 {
                mode = parsed
            } else {
                reader.report("mode", "must be octal permissions such as \"0660\"")
            }
        }
        owner = reader.has("owner") ? reader.string("owner") : nil
        group = reader.has("group") ? reader.string("group") : nil
        if case .tcp = address {
            for key in ["mode", "owner", "group"] where reader.has(key) {
                reader.report(key, "is for Unix sockets only")
            }
        }
        reader.finish()
    }
}

extension ListenerSettings.Address {
    /// `unix:///PATH` or `tcp://HOST:PORT`; nil where the text is neither.
    package init?(_ text: String) {
        if text.hasPrefix("unix://") {
            let path = text.dropFirst("unix://".count)
            guard path.hasPrefix("/"), path.utf8.count > 1, path.utf8.count <= ListenerSettings.longestPath else {
                return nil
            }
            self = .unix(String(path))
        } else if text.hasPrefix("tcp://"), let address = HostAndPort(String(text.dropFirst("tcp://".count))) {
            self = .tcp(address)
        } else {
            return nil
        }
    }
}

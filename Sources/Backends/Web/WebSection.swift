internal import Configuration
internal import HTTP
internal import SecretMemory

/// The keys that every manager has which is reached over HTTP.
enum WebSection {
    static let schema: SectionSchema = [
        "tls": .nested(["ca": .text, "certificate": .text, "private-key": .text]),
        "proxy": .nested(["address": .text, "username": .text, "password": .secret, "exceptions": .list]),
        "timeouts": .nested(["connect": .duration, "first-byte": .duration, "total": .duration]),
        "maximum-response": .byteSize,
        "maximum-connections": .integer,
        "allow-plain-http": .bool,
    ]

    private static let timeRange = Duration.milliseconds(10)...Duration.seconds(600)

    /// Reads them. Files are read at once.
    static func read(_ reader: ConfigurationReader) -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        readTLS(reader.nested("tls"), &settings)
        settings.proxy = reader.optionalNested("proxy").flatMap(proxy)
        let timeouts = reader.nested("timeouts")
        settings.connectTimeout = timeouts.duration("connect", default: settings.connectTimeout, in: timeRange)
        settings.firstByteTimeout = timeouts.duration("first-byte", default: settings.firstByteTimeout, in: timeRange)
        settings.totalTimeout = timeouts.duration("total", default: settings.totalTimeout, in: timeRange)
        timeouts.finish()
        settings.maximumResponseBytes = reader.byteSize(
            "maximum-response",
            default: settings.maximumResponseBytes,
            in: (64 << 10)...(64 << 20)
        )
        settings.maximumConnections = reader.int(
            "maximum-connections",
            default: settings.maximumConnections,
            in: 1...256
        )
        settings.allowsPlainHTTP = reader.bool("allow-plain-http", default: false)
        return settings
    }

    private static func readTLS(_ reader: ConfigurationReader, _ settings: inout HTTPClientSettings) {
        settings.authorities = file(reader, "ca")
        let (certificate, key) = (file(reader, "certificate"), file(reader, "private-key"))
        if let certificate, let key { settings.identity = (certificate, key) }
        if reader.has("certificate") != reader.has("private-key") {
            reader.report(
                reader.has("certificate") ? "certificate" : "private-key",
                "certificate and private-key belong together, and one of them is missing"
            )
        }
        reader.finish()
    }

    private static func file(_ reader: ConfigurationReader, _ key: String) -> SharedSecret? {
        guard let path = reader.optionalString(key) else { return nil }
        do throws(FileError) { return try SecretFile.readSecret(path, limit: 1 << 20) } catch {
            reader.report(key, error.message)
            return nil
        }
    }

    private static func proxy(_ reader: ConfigurationReader) -> HTTPProxy? {
        let text = reader.string("address")
        let proxy = HTTPProxy(
            address: text,
            username: reader.optionalString("username"),
            password: reader.optionalSecret("password"),
            exceptions: reader.strings("exceptions", default: ["localhost", "127.0.0.1", "::1"])
        )
        reader.finish()
        return address(text, "address", reader) == nil ? nil : proxy
    }

    /// Checks the text of a key that names a server; what is wrong is reported.
    static func address(_ text: String, _ key: String, _ reader: ConfigurationReader) -> HTTPAddress? {
        guard !text.isEmpty else { return nil }
        do throws(HTTPAddress.Refusal) { return try HTTPAddress(text) } catch {
            reader.report(key, "cannot be used: \(error)")
            return nil
        }
    }

    /// Makes what asks the manager `type` over HTTP.
    static func service(_ settings: HTTPClientSettings, for type: String) throws(CatalogueError) -> WebService {
        do throws(HTTPFailure) { return WebService(try HTTPClient(settings)) } catch {
            throw .refused(type: type, reason: "\(error)")
        }
    }

    /// What check and start say of a server that would be asked without TLS; nil where nothing is wrong.
    static func warning(about address: HTTPAddress?, _ settings: HTTPClientSettings) -> String? {
        guard let address, !address.isSecure, !address.isLoopback, !settings.allowsPlainHTTP else { return nil }
        return """
            \(address.origin) would be asked without TLS, so that everybody on the way could read the secrets, and is \
            therefore refused; use https://, or set allow-plain-http: true
            """
    }
}

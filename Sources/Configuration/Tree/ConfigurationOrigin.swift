/// Where a node was written.
package struct ConfigurationOrigin: Sendable, Equatable {
    /// The file as it was named, `standard input`, or `environment variable NAME`.
    package let file: String
    /// From 1; 0 where the source has no lines.
    package let line: Int
    /// From 1; 0 where the source has no columns.
    package let column: Int

    package init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    private static let environmentPrefix = "environment variable "

    /// The value of an environment variable.
    package static func environment(_ name: String) -> ConfigurationOrigin {
        ConfigurationOrigin(file: environmentPrefix + name)
    }

    /// Whether it is, or stands in, an environment variable.
    package var isEnvironment: Bool { file.hasPrefix(Self.environmentPrefix) }
}

/// How much of a configuration is read before it is refused. Nothing that a file holds can make loading slow or large.
package struct ConfigurationLimits: Sendable {
    /// Bytes of one file.
    package var fileBytes: Int
    /// Files that are merged.
    package var files: Int
    /// Nodes of one file after aliases are expanded, keys included.
    package var nodes: Int
    /// Mappings and sequences inside each other.
    package var depth: Int
    /// Bytes of one key.
    package var keyBytes: Int
    /// Anchors of one file.
    package var anchors: Int
    /// Placeholders that are replaced in one configuration.
    package var placeholders: Int
    /// Bytes of one value after its placeholders are replaced.
    package var valueBytes: Int
    /// Problems that are reported at once.
    package var problems: Int

    /// 1 MiB, 32 files, 100,000 nodes, 64 deep, keys of 256 bytes, 256 anchors, 10,000 placeholders, values of 256 KiB,
    /// 50 problems.
    package init(
        fileBytes: Int = 1 << 20,
        files: Int = 32,
        nodes: Int = 100_000,
        depth: Int = 64,
        keyBytes: Int = 256,
        anchors: Int = 256,
        placeholders: Int = 10_000,
        valueBytes: Int = 256 << 10,
        problems: Int = 50
    ) {
        self.fileBytes = fileBytes
        self.files = files
        self.nodes = nodes
        self.depth = depth
        self.keyBytes = keyBytes
        self.anchors = anchors
        self.placeholders = placeholders
        self.valueBytes = valueBytes
        self.problems = problems
    }
}

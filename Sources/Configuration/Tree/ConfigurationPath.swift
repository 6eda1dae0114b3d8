/// The way from the root to a node. A chain, so that a deep file costs one link a node and not a text a node.
package final class ConfigurationPath: Sendable, CustomStringConvertible {
    private enum Step: Sendable {
        case key(String)
        case index(Int)
    }

    private let parent: ConfigurationPath?
    private let step: Step

    private init(parent: ConfigurationPath?, step: Step) {
        self.parent = parent
        self.step = step
    }

    /// The whole document.
    package static let root = ConfigurationPath(parent: nil, step: .key(""))

    /// A key of the mapping here.
    package func key(_ name: String) -> ConfigurationPath {
        ConfigurationPath(parent: self, step: .key(name))
    }

    /// An element of the sequence here.
    package func index(_ position: Int) -> ConfigurationPath {
        ConfigurationPath(parent: self, step: .index(position))
    }

    /// With dots and indexes; a key that does not look like one is not shown, because it may be a misplaced value.
    package var description: String {
        guard let parent else { return "" }
        let before = parent.description
        switch step {
        case .index(let position): return "\(before)[\(position)]"
        case .key(let name):
            return before.isEmpty ? KeySpelling.printable(name) : "\(before).\(KeySpelling.printable(name))"
        }
    }
}

package import SecretMemory

/// Reads the keys of one mapping, in any of their spellings, and remembers what is wrong instead of stopping.
///
/// After the last key call ``finish()``, which reports the keys that nobody asked for. A value that cannot be read is
/// reported and the default is returned, so the caller must look at the collected problems before it uses anything.
package final class ConfigurationReader {
    /// Where problems go; shared by the readers of one configuration.
    package let problems: ConfigurationProblems
    /// The way to the mapping.
    package let path: ConfigurationPath
    /// Where the mapping begins; for a missing one, where its parent does.
    package let origin: ConfigurationOrigin
    /// Whether the mapping is there at all.
    package let isPresent: Bool
    private let entries: [String: ConfigurationNode.Entry]
    private let order: [String]
    private var known: [String] = []

    /// Reads a mapping. A value that is none is reported and reads as empty.
    package init(_ node: ConfigurationNode, problems: ConfigurationProblems) {
        self.problems = problems
        path = node.path
        origin = node.origin
        var entries: [String: ConfigurationNode.Entry] = [:]
        var order: [String] = []
        for entry in node.entries {
            let name = KeySpelling.kebab(entry.key)
            if let first = entries[name] {
                problems.add(
                    "is there twice, as \(KeySpelling.printable(first.key)) in line \(first.origin.line) and here",
                    at: entry.origin,
                    path: node.path.key(entry.key)
                )
                continue
            }
            entries[name] = entry
            order.append(name)
        }
        switch node.content {
        case .mapping, .null: break
        case .scalar, .sequence:
            problems.add("must be a mapping of keys, and is \(node.kindName)", at: node.origin, path: node.path)
        }
        isPresent = !node.isNull
        self.entries = entries
        self.order = order
    }

    /// A section that is not there: everything in it has its default.
    package init(missingAt path: ConfigurationPath, origin: ConfigurationOrigin, problems: ConfigurationProblems) {
        self.problems = problems
        self.path = path
        self.origin = origin
        isPresent = false
        entries = [:]
        order = []
    }

    // MARK: Keys

    /// Whether a key has a value.
    package func has(_ key: String) -> Bool { node(key) != nil }

    /// The value of a key as it is; nil where there is none, or `null`. The key counts as known from now on.
    package func node(_ key: String) -> ConfigurationNode? {
        known.append(key)
        guard let value = entries[key]?.value, !value.isNull else { return nil }
        return value
    }

    /// Counts keys as known that somebody else reads.
    package func ignore(_ keys: [String]) { known += keys }

    /// The mapping under a key; an empty one where there is none.
    package func nested(_ key: String) -> ConfigurationReader {
        optionalNested(key) ?? ConfigurationReader(missingAt: path.key(key), origin: origin, problems: problems)
    }

    /// The mapping under a key; nil where there is none.
    package func optionalNested(_ key: String) -> ConfigurationReader? {
        node(key).map { ConfigurationReader($0, problems: problems) }
    }

    /// The mappings of a list.
    package func list(_ key: String) -> [ConfigurationReader] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let elements) = node.content else {
            problems.add("must be a list, and is \(node.kindName)", at: node.origin, path: node.path)
            return []
        }
        return elements.map { ConfigurationReader($0, problems: problems) }
    }

    /// Reports every key that nobody asked for, with the nearest one that exists.
    package func finish() {
        for name in order where !known.contains(name) {
            guard let entry = entries[name] else { continue }
            problems.add(
                "is not a key that is known here",
                at: entry.origin,
                path: path.key(entry.key),
                suggestion: problems.isFull ? nil : NearestKey.find(name, among: known)
            )
        }
    }

    /// Reports something about a key, at the place of its value, or of the section where it has none.
    package func report(_ key: String, _ message: String, suggestion: String? = nil) {
        let entry = entries[key]
        problems.add(
            message,
            at: entry?.value.origin ?? origin,
            path: entry?.value.path ?? path.key(key),
            suggestion: suggestion
        )
    }

    // MARK: Scalars

    /// The scalar's text in locked memory; nil where there is none or the value is no scalar, which is reported.
    package func scalar(_ key: String) -> ScalarText? {
        guard let node = node(key) else { return nil }
        guard let text = node.scalar else {
            report(key, "must be a single value, and is \(node.kindName)")
            return nil
        }
        return text
    }

    /// A text; nil where there is none.
    package func optionalString(_ key: String) -> String? {
        guard let text = scalar(key) else { return nil }
        guard let string = text.string() else {
            report(key, "is not UTF-8 text")
            return nil
        }
        return string
    }

    /// A text with a default.
    package func string(_ key: String, default value: String) -> String { optionalString(key) ?? value }

    /// A text that must be there and must not be empty; reported and "" otherwise.
    package func string(_ key: String) -> String {
        guard let text = optionalString(key) else {
            if !has(key) { report(key, "is missing") }
            return ""
        }
        if text.isEmpty { report(key, "must not be empty") }
        return text
    }

    /// A secret; nil where there is none. Either under the key, or in the file that `KEY-file` names.
    ///
    /// - Parameter minimumBytes: fewer are reported.
    package func optionalSecret(_ key: String, minimumBytes: Int = 1) -> SharedSecret? {
        let secret: SharedSecret?
        let fileKey = "\(key)-file"
        if let path = optionalString(fileKey) {
            if has(key) { report(fileKey, "is there beside \(key); only one of them may be") }
            secret = readFile(fileKey, path)
        } else {
            secret = copySecret(key)
        }
        guard let secret else { return nil }
        guard secret.value.count >= minimumBytes else {
            report(
                has(key) ? key : fileKey,
                minimumBytes == 1 ? "must not be empty" : "must have at least \(minimumBytes) bytes"
            )
            return nil
        }
        return secret
    }

    /// A secret that must be there; reported and nil otherwise.
    package func secret(_ key: String, minimumBytes: Int = 1) -> SharedSecret? {
        guard has(key) || has("\(key)-file") else {
            report(key, "is missing")
            return nil
        }
        return optionalSecret(key, minimumBytes: minimumBytes)
    }

    /// The secrets of a list, or a single one; empty where there is none.
    package func secrets(_ key: String, minimumBytes: Int = 1) -> [SharedSecret] {
        guard let node = node(key) else { return [] }
        var elements = [node]
        if case .sequence(let list) = node.content { elements = list }
        return elements.compactMap { element -> SharedSecret? in
            guard let text = element.scalar, text.count >= minimumBytes else {
                let message = "must be a text of at least \(minimumBytes) bytes"
                problems.add(message, at: element.origin, path: element.path)
                return nil
            }
            do throws(MemoryError) {
                return try text.secret()
            } catch {
                problems.add("there is no locked memory for it (\(error))", at: element.origin, path: element.path)
                return nil
            }
        }
    }

    private func copySecret(_ key: String) -> SharedSecret? {
        guard let text = scalar(key) else { return nil }
        do throws(MemoryError) {
            return try text.secret()
        } catch {
            report(key, "there is no locked memory for it (\(error))")
            return nil
        }
    }

    private func readFile(_ key: String, _ path: String) -> SharedSecret? {
        do throws(FileError) {
            return try SecretFile.readSecret(path)
        } catch {
            report(key, error.message)
            return nil
        }
    }
}

/// Checks a section against the keys it may hold.
extension SectionSchema {
    /// Reports unknown keys and values of the wrong kind.
    package func validate(_ node: ConfigurationNode, problems: ConfigurationProblems) {
        let reader = ConfigurationReader(node, problems: problems)
        for (name, kind) in keys { SectionSchema.check(name, kind, reader) }
        reader.finish()
    }

    private static func check(_ name: String, _ kind: Kind, _ reader: ConfigurationReader) {
        switch kind {
        case .text: _ = reader.optionalString(name)
        case .secret:
            let fileKey = "\(name)-file"
            if reader.scalar(name) != nil, reader.optionalString(fileKey) != nil {
                reader.report(fileKey, "is there beside \(name); only one of them may be")
            }
            _ = reader.optionalString(fileKey)
        case .secretList: _ = reader.secrets(name)
        case .integer: _ = reader.optionalInt(name, in: .min ... .max)
        case .number: _ = reader.number(name, default: 0, in: -.greatestFiniteMagnitude ... .greatestFiniteMagnitude)
        case .bool: _ = reader.optionalBool(name)
        case .duration: _ = reader.optionalDuration(name)
        case .byteSize: _ = reader.byteSize(name, default: 0, in: 0 ... .max)
        case .list: _ = reader.optionalStrings(name)
        case .map: _ = reader.stringMap(name)
        case .nested(let schema):
            if let nested = reader.node(name) { schema.validate(nested, problems: reader.problems) }
        case .sequence(let schema):
            guard let sequence = reader.node(name) else { return }
            guard case .sequence(let elements) = sequence.content else {
                return reader.report(name, "must be a list, and is \(sequence.kindName)")
            }
            for element in elements { schema.validate(element, problems: reader.problems) }
        case .any: _ = reader.node(name)
        }
    }
}

internal import SecretMemory

/// Loads configurations.
package enum Configuration {
    /// The variable that may hold a whole document, which counts less than any file.
    static let documentVariable = "KESTRA_CONFIGURATION"

    /// Reads and merges files, in order; `-` is standard input.
    ///
    /// - Parameters:
    ///   - catalogue: the secrets managers that exist.
    ///   - environment: where placeholders and overrides are looked up. Nothing is erased here: see
    ///     ``ProcessEnvironment/erase(_:)`` and ``LoadedConfiguration/secretVariables``.
    /// - Throws: everything that is wrong, with file, line and key.
    package static func load(
        files: [String],
        environment: any ConfigurationEnvironment,
        catalogue: SectionCatalogue,
        limits: ConfigurationLimits = ConfigurationLimits()
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let problems = ConfigurationProblems(limit: limits.problems)
        var sources: [ConfigurationSource] = []
        var readableByOthers: Set<String> = []
        if files.count > limits.files {
            throw ConfigurationError(
                ConfigurationProblem(
                    file: files[limits.files],
                    message: "is one file too many; at most \(limits.files)"
                )
            )
        }
        for file in files {
            let name = file == "-" ? "standard input" : file
            do {
                let content = try SecretFile.read(file, limit: limits.fileBytes)
                if content.isReadableByOthers { readableByOthers.insert(name) }
                let text = try SecretBytes(copying: content.bytes.bytes, account: .general)
                sources.append(ConfigurationSource(name: name, text: SharedSecret(text)))
            } catch let error as FileError {
                problems.add(ConfigurationProblem(file: name, message: error.message))
            } catch {
                problems.add(ConfigurationProblem(file: name, message: FileError.memory.message))
            }
        }
        try problems.throwIfAny()
        return try parse(
            sources,
            environment: environment,
            catalogue: catalogue,
            limits: limits,
            paths: files.filter { $0 != "-" },
            readableByOthers: readableByOthers
        )
    }

    /// Merges documents that are in memory, in order.
    package static func parse(
        _ sources: [ConfigurationSource],
        environment: any ConfigurationEnvironment,
        catalogue: SectionCatalogue,
        limits: ConfigurationLimits = ConfigurationLimits()
    ) throws(ConfigurationError) -> LoadedConfiguration {
        try parse(
            sources,
            environment: environment,
            catalogue: catalogue,
            limits: limits,
            paths: [],
            readableByOthers: []
        )
    }

    private static func parse(
        _ sources: [ConfigurationSource],
        environment: any ConfigurationEnvironment,
        catalogue: SectionCatalogue,
        limits: ConfigurationLimits,
        paths: [String],
        readableByOthers: Set<String>
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let schema = RootSchema.make(catalogue)
        let problems = ConfigurationProblems(limit: limits.problems)
        let notes = ConfigurationNotes()
        let (documents, hasVariable) = withVariable(sources, environment, problems)
        let bare = BareSections(catalogue: catalogue, schema: schema, problems: problems, notes: notes)
        let merged = merge(documents, bare, schema, limits)
        try problems.throwIfAny()

        let overrides = EnvironmentOverrides(schema)
        var (tree, secretVariables) = overrides.apply(to: merged, from: environment, problems: problems, notes: notes)
        if hasVariable { secretVariables.insert(documentVariable) }
        let whole = tree
        tree = ForeignKeys(problems: problems, notes: notes).removed(from: tree, schema)
        let resolver = PlaceholderResolver(
            environment: environment,
            root: whole,
            schema: schema,
            problems: problems,
            notes: notes,
            limits: limits
        )
        tree = resolver.resolve(tree, .nested(schema))
        let reader = ConfigurationReader(tree, problems: problems)
        var settings = settings(reader, environment, catalogue, notes)
        reader.finish()
        settings.forEachSecret { secret in
            guard let section = catalogue.foreignSection(of: secret.type),
                var found = section.find(in: whole, for: secret, problems: problems)
            else { return }
            notes.withdraw(found.skipped)
            notes.add("is read for \(secret.sectionPath)", at: found.node.origin, path: found.node.path)
            found.node = resolver.resolve(found.node, .nested(section.schema))
            secret.foreign = found
        }
        secretVariables.formUnion(resolver.secretVariables)
        try problems.throwIfAny()

        for file in readableByOthers.intersection(resolver.filesWithSecrets).sorted() {
            notes.warn(
                "holds secrets and can be read by every user of this machine",
                at: ConfigurationOrigin(file: file),
                path: .root
            )
        }
        return LoadedConfiguration(
            settings: settings,
            notes: notes.notes,
            warnings: notes.warnings,
            files: paths,
            secretVariables: secretVariables.sorted(),
            resolved: tree,
            schema: schema,
            catalogue: catalogue,
            environment: environment
        )
    }

    private static func withVariable(
        _ sources: [ConfigurationSource],
        _ environment: any ConfigurationEnvironment,
        _ problems: ConfigurationProblems
    ) -> (sources: [ConfigurationSource], hasVariable: Bool) {
        let origin = ConfigurationOrigin.environment(documentVariable)
        do throws(MemoryError) {
            guard let value = try environment.value(documentVariable), value.value.count > 0 else {
                return (sources, false)
            }
            return ([ConfigurationSource(name: origin.file, text: value)] + sources, true)
        } catch {
            problems.add("there is no locked memory for it (\(error))", at: origin, path: .root)
            return (sources, false)
        }
    }

    private static func merge(
        _ sources: [ConfigurationSource],
        _ bare: BareSections,
        _ schema: SectionSchema,
        _ limits: ConfigurationLimits
    ) -> ConfigurationNode {
        var merged = ConfigurationNode(.mapping([]), origin: ConfigurationOrigin(file: "defaults"), path: .root)
        for source in sources {
            do throws(ConfigurationError) {
                let document = try source.text.withBytes { (bytes) throws(ConfigurationError) in
                    try YAMLComposer.compose(bytes, file: source.name, limits: limits)
                }
                merged = ConfigurationMerge.merge(merged, bare.complete(document), .nested(schema))
            } catch {
                bare.problems.add(error)
            }
        }
        return merged
    }

    private static func settings(
        _ reader: ConfigurationReader,
        _ environment: any ConfigurationEnvironment,
        _ catalogue: SectionCatalogue,
        _ notes: ConfigurationNotes
    ) -> AgentSettings {
        var settings = AgentSettings()
        settings.node = NodeName.found(in: environment) ?? settings.node
        settings.read(reader.nested("tacit"), catalogue: catalogue, notes: notes)
        settings.kestra = KestraSettings(reader.nested("kestra"), catalogue: catalogue, notes: notes)
        return settings
    }
}

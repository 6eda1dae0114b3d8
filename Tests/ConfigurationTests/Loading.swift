import Configuration
import Foundation
import SecretMemory

/// Loads documents that are named `a.yml`, `b.yml` and so on.
func load(
    _ texts: String...,
    environment: FixedEnvironment = [:],
    limits: ConfigurationLimits = ConfigurationLimits()
) throws -> LoadedConfiguration {
    let sources = try texts.enumerated().map { index, text in
        try ConfigurationSource(name: "\(["a", "b", "c"][index]).yml", text: text)
    }
    return try Configuration.parse(sources, environment: environment, catalogue: testCatalogue, limits: limits)
}

/// What is said about documents that do not load, a line each; empty where they do.
func problems(
    _ texts: String...,
    environment: FixedEnvironment = [:],
    limits: ConfigurationLimits = ConfigurationLimits()
) throws -> [String] {
    let sources = try texts.enumerated().map { index, text in
        try ConfigurationSource(name: "\(["a", "b", "c"][index]).yml", text: text)
    }
    do throws(ConfigurationError) {
        _ = try Configuration.parse(sources, environment: environment, catalogue: testCatalogue, limits: limits)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

/// The text of a fixture.
func fixture(_ name: String) throws -> String {
    guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    return try String(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"), encoding: .utf8)
}

/// The names of the fixtures in a folder.
func fixtures(in folder: String) throws -> [String] {
    guard let base = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    let path = base.appendingPathComponent("Fixtures/\(folder)").path
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}

/// Whether a secret is exactly this text, which is made up and no secret.
func holds(_ secret: SharedSecret?, _ text: String) -> Bool {
    guard let secret else { return false }
    let expected = Array(text.utf8)
    return secret.withBytes { bytes in
        bytes.count == expected.count && bytes.indices.allSatisfy { bytes[$0] == expected[$0] }
    }
}

import Configuration
import Foundation
import SecretMemory
import Testing

/// Bytes that are no secret.
func bytes(_ list: [UInt8]) throws -> SharedSecret {
    SharedSecret(try SecretBytes(copying: list.span, account: .general))
}

@Suite("Garbage")
struct FuzzTests {
    private func survives(_ list: [UInt8]) throws {
        let source = try ConfigurationSource(name: "a.yml", text: bytes(list))
        do throws(ConfigurationError) {
            let loaded = try Configuration.parse(
                [source],
                environment: FixedEnvironment([:]),
                catalogue: testCatalogue
            )
            #expect(!loaded.effectiveText().isEmpty)
        } catch {
            #expect(!error.problems.isEmpty)
            #expect(error.problems.allSatisfy { $0.file == "a.yml" && !$0.message.isEmpty })
        }
    }

    @Test func `random bytes are refused or loaded, and never end the process`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let count = Int.random(in: 0...200, using: &generator)
            try survives((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test func `random YAML punctuation is refused or loaded`() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("{}[],:-?&*!|>'\"%@`#\n\n  \t$abtacitkestra.<~".utf8)
        for _ in 0..<3000 {
            let count = Int.random(in: 0...120, using: &generator)
            try survives((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0x20 })
        }
    }

    @Test func `mutations of real files are refused or loaded`() throws {
        var generator = SystemRandomNumberGenerator()
        for name in ["kebab/tacit-root.yml", "kebab/vault.yml", "camel/kestra-root.yml"] {
            let original = Array(try fixture(name).utf8)
            for _ in 0..<400 {
                var mutated = original
                for _ in 0..<Int.random(in: 1...8, using: &generator) where !mutated.isEmpty {
                    let place = Int.random(in: 0..<mutated.count, using: &generator)
                    switch Int.random(in: 0...3, using: &generator) {
                    case 0: mutated[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: mutated.remove(at: place)
                    case 2: mutated.insert(mutated[Int.random(in: 0..<mutated.count, using: &generator)], at: place)
                    default:
                        mutated.replaceSubrange(
                            place...,
                            with: mutated.prefix(Int.random(in: 1...40, using: &generator))
                        )
                    }
                }
                try survives(mutated)
            }
        }
    }
}

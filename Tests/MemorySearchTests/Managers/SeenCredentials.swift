import Foundation
import ManagerFakes

/// Credentials that passed between an agent and a fake: tokens and keys that it gave out, and what the agent proved itself with.
struct SeenCredentials {
    private struct Entry {
        let name: String
        let text: String
        /// What was given in one answer is good, and ends, together.
        let answer: Int?
    }

    /// No credential is shorter; what a fault made of an answer may be, where it was taken for one.
    private static let shortest = 16

    private var entries: [Entry]

    /// Those since the last time.
    init(_ fake: FakeServer) throws {
        let listed = try fake.command("take-credentials")["credentials"] as? [[String: Any]] ?? []
        entries = listed.compactMap { entry in
            guard let name = entry["name"] as? String, let text = entry["text"] as? String,
                text.utf8.count >= Self.shortest
            else { return nil }
            return Entry(name: name, text: text, answer: entry["answer"] as? Int)
        }
    }

    /// Divides these into those that are still in use, because others show one of them or one that was given with them, and the
    /// rest.
    func divided(by others: SeenCredentials) -> (live: SeenCredentials, ended: SeenCredentials) {
        let shown = Set(others.entries.map(\.text))
        let answers = Set(entries.filter { shown.contains($0.text) }.compactMap(\.answer))
        let isLive = { (entry: Entry) in shown.contains(entry.text) || entry.answer.map(answers.contains) == true }
        let known = Set(entries.map(\.text))
        var (live, ended) = (self, self)
        live.entries = entries.filter(isLive) + others.entries.filter { !known.contains($0.text) }
        ended.entries = entries.filter { !isLive($0) }
        return (live, ended)
    }

    /// Each with a number, because there are several of a name. Signatures also as the bytes that they are.
    func canaries(_ when: String) -> [Canary] {
        entries.enumerated().flatMap { number, entry -> [Canary] in
            let name = "\(when) \(number), \(entry.name)"
            let canary = Canary(credential: name, entry.text)
            guard entry.name == "assertion" else { return [canary] }
            return [canary, Canary("\(name), signature", Self.decoded(canary.text))]
        }
    }

    /// Secret keys of AWS's kind.
    func secretKeys(_ when: String) -> [Canary] {
        entries.filter { $0.name == "SecretAccessKey" }.enumerated().map { number, entry in
            Canary("\(when) \(number), secret key", entry.text.utf8)
        }
    }

    private static func decoded(_ text: String) -> Data {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)) ?? Data()
    }
}

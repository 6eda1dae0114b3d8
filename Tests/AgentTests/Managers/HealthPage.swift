import Foundation

/// What an agent answers about its health.
struct HealthPage {
    let status: Int
    let body: String

    init(_ port: UInt16, _ path: String) throws {
        var client = try HTTPClient(port: port)
        let answer = try client.ask("GET", path)
        (status, body) = (answer.status, answer.body)
    }

    private var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }

    var state: String? { object["status"] as? String }

    func part(_ name: String) -> String? {
        let details = object["details"] as? [String: Any]
        return (details?[name] as? [String: Any])?["status"] as? String
    }
}

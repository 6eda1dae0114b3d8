import Secrets

extension FaultSubject {
    static let elasticsearch = FaultSubject(
        "Elasticsearch",
        at: ["/_doc/"],
        [
            Fault("error", ["status": 503], "unavailable"),
            Fault("error", ["status": 502, "html": true], "unavailable"),
            Fault("error", ["status": 403], "forbidden"), Fault("error", ["status": 400], "malformed"),
            Fault("error", ["status": 418], "malformed"), refusal(429, "circuit_breaking_exception", "throttled"),
            refusal(403, "cluster_block_exception", "unavailable"),
            refusal(429, "cluster_block_exception", "unavailable"),
            refusal(404, "index_not_found_exception", "unavailable"),
            Fault("answer", ["status": 404, "body": "{\"error\":\"text\"}"], "unavailable"),
            refusal(400, "made up <b>", "malformed"), Fault("answer", ["body": "{\"found\":true}"], "malformed"),
            Fault("expired-token", "denied"),
        ]
    ) { options in
        let scene = try ElasticsearchScene(options)
        return FaultScene(
            fake: scene.fake,
            credentials: [scene.key],
            backend: { try scene.backend($0) },
            fill: { try await scene.backend().write(name("KEY"), Array("made up".utf8)) }
        )
    }

    /// An answer in the words of a cluster, whose reason may quote what it was sent.
    private static func refusal(_ status: Int, _ type: String, _ expected: String) -> Fault {
        let body = #"{"error":{"type":"\#(type)","reason":"made up"},"status":\#(status)}"#
        return Fault("answer", ["status": status, "body": body], expected)
    }
}

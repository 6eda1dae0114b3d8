internal import Secrets
internal import Wire

/// Health: the agent's state and that of each part, for those who are granted it.
final class HealthHandler: RequestHandler {
    let metric = RequestMetric.health

    func handle(_ call: RequestCall, _ payload: Span<UInt8>) throws(RequestFailure) {
        do throws(Malformed) { _ = try EmptyMessage(decoding: payload) } catch { throw .malformed(error) }
        guard let decision = call.allow(.health, as: "health", metric) else { return }
        guard let report = call.loop.services.healthBoard.report(at: call.startedAt) else {
            throw RequestFailure(status: .unavailable, reason: .overloaded, message: "the agent is still starting")
        }
        let answer = HealthAnswer(report, node: call.loop.services.node)
        try call.answerAboutOneself("health", answer, metric, rule: decision.rule)
    }
}

extension HealthAnswer {
    init(_ report: HealthReport, node: String) {
        self.init(
            status: report.status.rawValue,
            version: AgentVersion.current,
            node: node,
            parts: report.parts.map { part in
                Part(
                    name: part.name,
                    status: part.status.rawValue,
                    details: part.details.map { Detail(name: $0.name, value: $0.value.text) }
                )
            }
        )
    }
}

internal import Synchronization

@testable import Agent

/// States that a test sets, in place of a running agent's.
final class HealthPagesFixture: Sendable {
    let isAlive = Atomic(true)
    let isReady = Atomic(true)
    let status = Mutex(HealthStatus.up)
    /// Length of the text under /prometheus, in bytes.
    let expositionBytes = Atomic<Int>(10)

    var pages: HealthPages {
        HealthPages(
            isAlive: { self.isAlive.load(ordering: .relaxed) },
            isReady: { self.isReady.load(ordering: .relaxed) },
            report: {
                let details: [(String, HealthReport.Value)] = [
                    ("word", .text("<\"&>")), ("count", .number(7)), ("main/company", .name("sqlite")),
                ]
                let part = HealthReport.Part(name: "loops", status: self.status.withLock { $0 }, details: details)
                return HealthReport(parts: [part])
            },
            overview: { isReady in
                StatusOverview(
                    node: "<node>",
                    version: "1",
                    uptime: "1 s",
                    isReady: isReady,
                    figures: [StatusOverview.Figure(label: "Hits", value: "\"3\"", note: "<i>")],
                    tables: []
                )
            },
            exposition: { String(repeating: "m", count: self.expositionBytes.load(ordering: .relaxed)) }
        )
    }
}

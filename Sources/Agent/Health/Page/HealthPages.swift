internal import HealthServer

/// What the health endpoint says under each path. Built anew for each request from states and counters; no page can reach a
/// value.
struct HealthPages: Sendable {
    private let isAlive: @Sendable () -> Bool
    private let isReady: @Sendable () -> Bool
    private let report: @Sendable () -> HealthReport
    private let overview: @Sendable (_ isReady: Bool) -> StatusOverview
    private let exposition: @Sendable () -> String

    init(
        isAlive: @escaping @Sendable () -> Bool,
        isReady: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable () -> HealthReport,
        overview: @escaping @Sendable (_ isReady: Bool) -> StatusOverview,
        exposition: @escaping @Sendable () -> String
    ) {
        self.isAlive = isAlive
        self.isReady = isReady
        self.report = report
        self.overview = overview
        self.exposition = exposition
    }

    /// - Returns: nil where nothing lives under this path.
    func page(_ path: Substring) -> Page? {
        switch path {
        case "/health/liveness": Self.json(isAlive())
        case "/health/readiness": Self.json(isReady())
        case "/health": Self.json(report().withoutNames)
        case "/prometheus":
            Page(isGood: true, contentType: "text/plain; version=0.0.4; charset=utf-8", text: exposition())
        case "/":
            Page(
                isGood: true,
                contentType: "text/html; charset=utf-8",
                text: StatusPage.html(report().withoutNames, overview(isReady())),
                fields: StatusPagePolicy.fields
            )
        default: nil
        }
    }

    private static func json(_ isGood: Bool) -> Page {
        Page(
            isGood: isGood,
            contentType: "application/json",
            text: isGood ? "{\"status\":\"UP\"}\n" : "{\"status\":\"DOWN\"}\n"
        )
    }

    private static func json(_ report: HealthReport) -> Page {
        Page(
            isGood: report.status == .up,
            contentType: "application/json",
            text: HealthJSON.text(report, withParts: true)
        )
    }
}

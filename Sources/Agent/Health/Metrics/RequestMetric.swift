internal import Secrets
internal import Wire

/// What a request was, for counting.
enum RequestMetric: Int, CaseIterable, Sendable {
    case get, batch, list, put, delete, whoami, explain, health, heartbeat, evict, unknown
}

/// How a request ended, for counting.
enum OutcomeMetric: Int, CaseIterable, Sendable {
    case hit, fresh, stale, notFound, denied, invalid, failed, cancelled, timedOut, done
}

/// What a connection's peer is, for counting. Each connection counts once.
enum ServiceMetric: Int, CaseIterable, Sendable {
    case executor, indexer, scheduler, webserver, worker, controller, several, none

    init(_ services: Set<ServiceType>) {
        guard let service = services.first else {
            self = .none
            return
        }
        guard services.count == 1 else {
            self = .several
            return
        }
        switch service {
        case .executor: self = .executor
        case .indexer: self = .indexer
        case .scheduler: self = .scheduler
        case .webserver: self = .webserver
        case .worker: self = .worker
        case .controller: self = .controller
        }
    }
}

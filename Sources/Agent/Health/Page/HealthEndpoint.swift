internal import CLinux
internal import Configuration
internal import HealthServer

/// Health and metrics over HTTP, GET only, on an address and a thread of its own.
final class HealthEndpoint: Sendable {
    private let server: PageServer

    /// Binds, so that an address that cannot be had stops the start; answers nobody yet.
    ///
    /// - Parameters:
    ///   - address: where to listen; port 0 lets the kernel choose one.
    ///   - isReady: whether the agent takes new requests; whether anybody can reach it is looked at beside that.
    convenience init(
        _ address: HostAndPort,
        collector: HealthCollector,
        isReady: @escaping @Sendable () -> Bool
    ) throws(AgentFailure) {
        let pages = HealthPages(
            isAlive: { collector.isAlive },
            isReady: { isReady() && collector.isReachable },
            report: { collector.report() },
            overview: { collector.overview(isReady: $0) },
            exposition: { Metrics(collector: collector).exposition() }
        )
        try self.init(address, pages: pages, limits: PageServerLimits())
    }

    init(_ address: HostAndPort, pages: HealthPages, limits: PageServerLimits) throws(AgentFailure) {
        do throws(PageServerFailure) {
            server = try PageServer(
                host: address.host,
                port: address.port,
                limits: limits,
                // Who asks for a secret goes before whoever asks for a page, and anybody may ask for pages.
                prepare: { linux_lower_thread_priority() },
                pages: { pages.page($0) }
            )
        } catch {
            throw AgentFailure("tacit.health.address: cannot listen on \(address): \(error)", mayPass: true)
        }
    }

    /// The port that it listens on.
    var port: UInt16 { server.port }

    /// Answers until stopped.
    ///
    /// - Parameter onLoss: called where the listening socket is lost before `stop()`.
    func start(onLoss: @escaping @Sendable () -> Void) { server.start(onLoss: onLoss) }

    /// Closes every connection and ends the thread.
    func stop() async { await server.stop() }
}

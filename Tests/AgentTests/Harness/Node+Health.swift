import Configuration
import Dispatch

@testable import Agent

extension Node {
    /// Runs `body` beside the node's health endpoint, which is on a port of the kernel's choice, and its watchdog.
    func withEndpoint(_ body: (_ port: UInt16) throws -> Void) throws {
        try health.start()
        defer { health.stop() }
        let endpoint = try HealthEndpoint(HostAndPort(host: "127.0.0.1", port: 0), collector: health) { true }
        endpoint.start {}
        defer {
            let stopped = DispatchSemaphore(value: 0)
            Task.detached {
                await endpoint.stop()
                stopped.signal()
            }
            stopped.wait()
        }
        try body(endpoint.port)
    }
}

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Serves pages over HTTP, GET only, on an address and a thread of its own. It knows nothing but the pages it is given.
package final class PageServer: Sendable {
    private let threads: MultiThreadedEventLoopGroup
    private let server: any Channel
    private let isStopping = Atomic(false)

    /// Binds; answers nobody yet.
    ///
    /// - Parameters:
    ///   - host: a name, or an address of either family without brackets.
    ///   - port: 0 lets the kernel choose one.
    ///   - prepare: called once on the server's thread, before it answers anybody.
    package init(
        host: String,
        port: UInt16,
        limits: PageServerLimits = PageServerLimits(),
        prepare: @escaping @Sendable () -> Void = {},
        pages: @escaping PageSource
    ) throws(PageServerFailure) {
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            // Any machine has 127.0.0.1; what else the name leads to differs from one to the next.
            let host = host == "localhost" ? "127.0.0.1" : host
            let address = try SocketAddress.makeAddressResolvingHost(host, port: Int(port))
            server = try Self.bootstrap(threads, limits, pages).bind(to: address).wait()
        } catch {
            threads.shutdownGracefully { _ in }
            throw PageServerFailure(error)
        }
        self.threads = threads
        threads.next().execute(prepare)
    }

    /// The port that it listens on.
    package var port: UInt16 { UInt16(server.localAddress?.port ?? 0) }

    /// Answers until stopped.
    ///
    /// - Parameter onLoss: called where the listening socket is lost before `stop()`.
    package func start(onLoss: @escaping @Sendable () -> Void) {
        server.closeFuture.whenComplete { [self] _ in
            if !isStopping.load(ordering: .acquiring) { onLoss() }
        }
        server.setOption(.autoRead, value: true).whenFailure { [server] _ in server.close(promise: nil) }
    }

    /// Closes every connection and ends the thread. Only the first call counts.
    package func stop() async {
        isStopping.store(true, ordering: .releasing)
        // It fails only where it has been stopped before.
        try? await threads.shutdownGracefully()
    }

    private static func bootstrap(
        _ threads: MultiThreadedEventLoopGroup,
        _ limits: PageServerLimits,
        _ pages: @escaping PageSource
    ) -> ServerBootstrap {
        let count = ConnectionCount(limit: limits.connections)
        var parser = NIOHTTPDecoderLimitConfiguration()
        parser.maxHeaderFieldSize = limits.lineBytes
        parser.maxHeaderListSize = limits.headBytes
        parser.maxHeaderFieldCount = limits.headFields
        return ServerBootstrap(group: threads)
            .serverChannelOption(.backlog, value: CInt(limits.connections))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.autoRead, value: false)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .childChannelInitializer { [parser] channel in
                guard count.enter() else { return channel.close() }
                channel.closeFuture.whenComplete { _ in count.leave() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false,
                        withEncoderConfiguration: HTTPResponseEncoder.Configuration(),
                        withDecoderLimitConfiguration: parser
                    )
                    try pipeline.addHandler(PageConnection(pages: pages, limits: limits))
                }
            }
    }
}

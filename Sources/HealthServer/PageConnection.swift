internal import NIOCore
internal import NIOHTTP1

/// One HTTP connection: takes a request, answers it, and never waits longer for its client than the limits say. Lives on
/// the server's event loop alone.
final class PageConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// For a head.
        case waiting
        /// For the end of a request.
        case reading(HTTPRequestHead, bodyBytes: Int)
        /// For the client to take an answer.
        case answering
        case closed
    }

    private let pages: PageSource
    private let limits: PageServerLimits
    private var state = State.waiting
    /// Closes the connection when the client is too slow.
    private var deadline: Scheduled<Void>?

    init(pages: @escaping PageSource, limits: PageServerLimits) {
        self.pages = pages
        self.limits = limits
    }

    // MARK: Events

    func channelActive(context: ChannelHandlerContext) {
        allow(limits.requestTimeout, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        deadline?.cancel()
        deadline = nil
        context.fireChannelInactive()
    }

    /// A peer that broke off, or sent what is no HTTP and has been told so.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { close(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .waiting):
            state = .reading(head, bodyBytes: 0)
            allow(limits.requestTimeout, context)
        case (.body(let bytes), .reading(let head, let before)):
            let count = before + bytes.readableBytes
            guard count <= limits.bodyBytes else { return refuse(.payloadTooLarge, to: head, context) }
            state = .reading(head, bodyBytes: count)
        case (.end, .reading(let head, _)):
            answer(head, context)
        case (_, .closed):
            break
        case (_, .waiting), (_, .answering), (.head, .reading):
            // A client that asks on and does not read would have its answers pile up here.
            close(context)
        }
    }

    // MARK: Answers

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = head.uri.prefix { $0 != "?" }
        guard let page = pages(path) else { return refuse(.notFound, to: head, context) }
        guard head.method == .GET else { return refuse(.methodNotAllowed, to: head, context) }
        let stays = head.isKeepAlive && head.version == .http1_1
        send(page.isGood ? .ok : .serviceUnavailable, page, stays: stays, context)
    }

    private func refuse(_ status: HTTPResponseStatus, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // An answer to HEAD has no body, whatever it says.
        let text = head.method == .HEAD ? "" : "\(status.reasonPhrase)\n"
        let page = Page(isGood: false, contentType: "text/plain; charset=utf-8", text: text)
        send(status, page, stays: false, context)
    }

    private func send(
        _ status: HTTPResponseStatus,
        _ page: Page,
        stays: Bool,
        _ context: ChannelHandlerContext
    ) {
        var headers: HTTPHeaders = [
            "Content-Type": page.contentType, "Content-Length": "\(page.text.utf8.count)", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        ]
        for field in page.fields { headers.add(name: field.name, value: field.value) }
        if status == .methodNotAllowed { headers.add(name: "Allow", value: "GET") }
        if !stays { headers.add(name: "Connection", value: "close") }
        state = .answering
        allow(limits.answerTimeout, context)
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = context.channel.allocator.buffer(string: page.text)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let here = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenSuccess {
            let (connection, context) = here.value
            connection.sent(stays: stays, context)
        }
    }

    private func sent(stays: Bool, _ context: ChannelHandlerContext) {
        guard case .answering = state else { return }
        guard stays else { return close(context) }
        state = .waiting
        allow(limits.idleTimeout, context)
    }

    private func close(_ context: ChannelHandlerContext) {
        state = .closed
        context.close(promise: nil)
    }

    // MARK: Time

    /// Gives the client so much time for its next step, from now.
    private func allow(_ time: Duration, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}

internal import CCurl
internal import EventLoop
internal import SecretMemory
internal import Synchronization

/// The connections of one client, and what is under way on them: a libcurl multi handle. Made anywhere, used by the engine's
/// thread alone.
@safe
final class ConnectionPool: @unchecked Sendable {  // Sound: all but the constants is the engine's thread's own.
    private static let lastNumber = Atomic<UInt32>(0)

    /// Tells the pools of this process apart.
    let number: UInt32
    private let settings: HTTPClientSettings
    /// `CURLM *`; nil until the first request, and after the end.
    private var multi: UnsafeMutableRawPointer?
    private var isClosed = false
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var sockets: SocketWatch?
    /// When libcurl wants to be called without a socket's event.
    private var timer = Int64.max

    init(_ settings: HTTPClientSettings) {
        number = Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        self.settings = settings
    }

    /// When ``settle(at:)`` has something to do even if no socket has.
    var nextDeadline: Int64 { transfers.values.reduce(timer) { min($0, $1.firstByteDeadline) } }

    // MARK: What the engine does

    func start(_ transfer: Transfer, _ sockets: SocketWatch) {
        guard !isClosed else { return transfer.fail(.cancelled) }
        guard !transfer.isSettled else { return }
        self.sockets = sockets
        guard let multi = unsafe openMulti() else { return transfer.fail(.memory(.accountFull(.http))) }
        do throws(HTTPFailure) {
            try transfer.prepare()
        } catch {
            return transfer.fail(error)
        }
        guard unsafe curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            transfer.release()
            return transfer.fail(.memory(.accountFull(.http)))
        }
        transfers[ObjectIdentifier(transfer)] = transfer
    }

    func cancel(_ transfer: Transfer) {
        guard transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return }
        detach(transfer)
    }

    func act(on descriptor: CInt, isReadable: Bool, isWritable: Bool) {
        guard let multi = unsafe multi else { return }
        var mask: CInt = 0
        if isReadable { mask |= CURL_CSELECT_IN }
        if isWritable { mask |= CURL_CSELECT_OUT }
        var running: CInt = 0
        unsafe curl_multi_socket_action(multi, descriptor, mask, &running)
    }

    /// Calls libcurl where its time has come, and ends what is done or too late.
    func settle(at now: Int64) {
        guard let multi = unsafe multi else { return }
        if timer <= now {
            timer = .max
            var running: CInt = 0
            unsafe curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
        }
        var left: CInt = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let (easy, code) = unsafe (message.pointee.easy_handle, message.pointee.data.result)
            guard let transfer = transfers.values.first(where: { unsafe $0.easy == easy }) else { continue }
            transfers[ObjectIdentifier(transfer)] = nil
            transfer.complete(code)
            detach(transfer)
        }
        for transfer in transfers.values where transfer.isLate(at: now) {
            transfers[ObjectIdentifier(transfer)] = nil
            transfer.failLate()
            detach(transfer)
        }
    }

    func close() {
        isClosed = true
        for transfer in transfers.values {
            transfer.fail(.cancelled)
            detach(transfer)
        }
        transfers = [:]
        if let multi = unsafe multi { unsafe curl_multi_cleanup(multi) }
        unsafe multi = nil
        timer = .max
        sockets = nil
    }

    private func detach(_ transfer: Transfer) {
        if let multi = unsafe multi { unsafe curl_multi_remove_handle(multi, transfer.easy) }
        transfer.release()
    }

    // MARK: libcurl's handle

    private func openMulti() -> UnsafeMutableRawPointer? {
        if let multi = unsafe multi { return unsafe multi }
        guard let made = unsafe curl_multi_init() else { return nil }
        // The pool outlives the handle: it is what frees it.
        let user = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe shim_multi_set_socket_changed(made, socketChanged)
        unsafe shim_multi_set_pointer(made, CURLMOPT_SOCKETDATA, user)
        unsafe shim_multi_set_timer_changed(made, timerChanged)
        unsafe shim_multi_set_pointer(made, CURLMOPT_TIMERDATA, user)
        unsafe shim_multi_set_long(made, CURLMOPT_MAX_TOTAL_CONNECTIONS, settings.maximumConnections)
        unsafe shim_multi_set_long(made, CURLMOPT_MAXCONNECTS, settings.maximumConnections)
        unsafe multi = made
        return unsafe made
    }

    fileprivate func watch(_ descriptor: CInt, _ what: CInt) {
        var interest: Poller.Interest = []
        if what == CURL_POLL_IN || what == CURL_POLL_INOUT { interest.insert(.readable) }
        if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { interest.insert(.writable) }
        // Where the kernel refuses, the request ends by its time-out.
        _ = sockets?.set(descriptor, interest, pool: number)
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        timer = milliseconds < 0 ? .max : EngineClock.now + Int64(milliseconds)
    }
}

/// libcurl calls these from within calls that the engine's thread makes.
private let socketChanged: shim_socket_changed = { _, descriptor, what, user, _ in
    guard let user = unsafe user else { return 0 }
    unsafe Unmanaged<ConnectionPool>.fromOpaque(user).takeUnretainedValue().watch(descriptor, what)
    return 0
}

private let timerChanged: shim_timer_changed = { _, milliseconds, user in
    guard let user = unsafe user else { return 0 }
    unsafe Unmanaged<ConnectionPool>.fromOpaque(user).takeUnretainedValue().setTimer(milliseconds)
    return 0
}

internal import Liveness
internal import SecretMemory
internal import Secrets
internal import TLS
internal import Wire

/// One authenticated connection and what is under way on it.
///
/// Sound to send: it belongs to one thread at a time, and changes hands only through an inbox.
final class Session: @unchecked Sendable {
    let descriptor: Descriptor
    let peer: Peer
    let identity: PeerIdentity
    /// What its certificate was judged by.
    let context: ServerContext
    var tls: Connection
    /// What the peer may do, by the policy of ``Access/generation``.
    var access: Access
    /// The audit fields that are the same for every request of this connection.
    var auditPrefix: [UInt8] = []

    var incoming: SecretBuffer
    var outgoing: SecretBuffer
    var reader: FrameReader
    /// Requests that wait for a manager, by their ids.
    var pending: [UInt32: PendingRequest] = [:]
    /// Outcomes of requests that still are in ``pending``, because the peer has not read the answers before them.
    var parked: [(ConnectionLoop.RequestKey, ConnectionLoop.Completion)] = []
    /// Requests whose work goes on: those of ``pending`` and those that were given up meanwhile.
    var working = 0
    /// Requests that need not be judged again.
    var reads = RememberedReads()

    /// Streams of health reports that are open.
    var watches: [HealthWatch] = []
    /// The service instance that last beat on this connection.
    var instance: String?
    /// How values are marked that are read here.
    var leaseMark = LeaseMark.shared

    /// Where the answers of this turn begin in ``outgoing``, and to which requests they are: what has to be taken back where
    /// the audit cannot be written.
    var turnStart: Int?
    var turnRequests: [UInt32] = []

    var token: UInt64 = 0
    var wantsWrite = false
    /// Whether the kernel is not asked for what the peer sends.
    var readsPaused = false
    /// Told to go: what is written goes out, nothing is read any more.
    var isLeaving = false
    /// Admitted beyond the limit of connections, to be told so.
    var isUnwanted = false
    var isClosed = false
    var isQueuedAgain = false
    var isDirty = false
    /// Since when nothing could be sent to it although something waits.
    var stalledSince: BootInstant?
    /// Since when a frame has begun and not ended.
    var frameSince: BootInstant?
    var lastActive: BootInstant
    var hasReleasedBuffers = false
    /// Whether it is among the ``QuietSessions``.
    var isQuiet = false

    init(
        descriptor: consuming Descriptor,
        peer: Peer,
        identity: PeerIdentity,
        context: ServerContext,
        tls: consuming Connection,
        access: Access,
        limits: AgentLimits,
        now: BootInstant
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.identity = identity
        self.context = context
        self.tls = tls
        self.access = access
        // A whole frame, and what a read may bring beyond it.
        incoming = SecretBuffer(limit: limits.wire.payloadBytes + FrameHeader.byteCount + AgentLimits.readChunk)
        outgoing = SecretBuffer(limit: AgentLimits.outputHighWater + 2 * (limits.wire.payloadBytes + 4096))
        reader = FrameReader(side: .agent, limits: limits.wire)
        lastActive = now
    }

    /// Gives the buffers back that are empty; they come back when they are needed.
    func releaseBuffers() {
        hasReleasedBuffers = true
        reads = RememberedReads()
        incoming.shrink()
        outgoing.shrink()
        tls.releaseBuffers()
    }

    /// Bytes of locked memory that wait in its buffers.
    var bufferedBytes: Int { incoming.count + outgoing.count }

    /// Whether the peer has to read before more is done for it.
    var isHeldBack: Bool { outgoing.count > AgentLimits.outputHighWater }
}

/// What was asked for and decided, as ``AuditFields`` wrote it, before its outcome is known.
struct AuditEntry: Sendable {
    let fields: [UInt8]
    /// Whether it was denied, so that the fields say why.
    var isDenied = false
}

/// A request that waits for a manager.
struct PendingRequest {
    let id: UInt32
    /// Never used twice on a loop.
    let number: UInt64
    let startedAt: BootInstant
    /// What was asked for: one of these a name, so several for a batch.
    let entries: [AuditEntry]
    let metric: RequestMetric
    let task: Task<Void, Never>
}

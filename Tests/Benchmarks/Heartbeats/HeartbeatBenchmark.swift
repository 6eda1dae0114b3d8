import Glibc
import Liveness
import SecretMemory
import Secrets
import TLS
import Wire

/// What the heartbeats of many clients cost the agent: each client beats when the agent asks it to, and those of one
/// connection that are due together are sent together.
struct HeartbeatBenchmark {
    private static let tenants = 20
    private static let linksPerTenant = 10
    private static let clientsPerLink = 100
    private static let clients = tenants * linksPerTenant * clientsPerLink
    /// Over which clients come, so that they do not beat all at once.
    private static let arrival = Duration.seconds(20)
    /// Until all have come and have been asked at least once how often to beat now that all are there.
    private static let settling = Duration.seconds(60)
    private static let measured = Duration.seconds(40)
    private static let aloneDuration = Duration.seconds(4)
    /// Beats in a second, each on a connection that has been quiet.
    private static let aloneRate: Int64 = 200
    /// Part of one processor.
    private static let promise = 0.01

    let program: String

    private struct Client {
        let link: Int
        let name: String
        var due: BootInstant
    }

    func run(_ report: inout Report) throws {
        report.section("Heartbeats: \(Self.clients) clients on \(Self.tenants * Self.linksPerTenant) connections")
        let scene = try Scene()
        let agent = try AgentProcess(program, in: scene)
        var links: [Link] = []
        for tenant in 0..<Self.tenants {
            let context = try ClientContext(files: scene.worker(of: "t\(tenant)"))
            for _ in 0..<Self.linksPerTenant { links.append(try Link(scene.socket, context)) }
        }
        Pace.sleep(.seconds(3))
        let idle = try cost(agent, over: .seconds(10)) { Pace.sleep(.seconds(10)) }

        var clients = arriving(links.count)
        _ = try beat(&clients, links, for: Self.settling)
        var beats = 0
        let busy = try cost(agent, over: Self.measured) { beats = try beat(&clients, links, for: Self.measured) }
        let instances = try agent.metrics().sum("tacit_client_instances")
        report.figure("instances that the agent holds", "\(instances)")
        report.figure("beats in a second", "\(beats / Int(Self.measured.components.seconds))")
        report.figure("without them", "\(Figure.ratio(idle * 100)) % of a processor")
        report.figure(
            "added by them",
            "\(Figure.ratio((busy - idle) * 100)) % of a processor",
            promise: "under 1 %",
            isMet: busy - idle < Self.promise && instances == Self.clients
        )
        let alone = Self.aloneDuration.components.seconds * Self.aloneRate
        let lonely = try cost(agent, over: Self.aloneDuration) {
            for index in 0..<Int(alone) {
                _ = try links[index % links.count].beat([Self.name(index % links.count)])
                Pace.sleep(Self.aloneDuration / Int(alone))
            }
        }
        let seconds = (lonely - idle) * Double(Self.aloneDuration.nanoseconds) / 1_000_000_000
        report.figure("a beat that comes alone", "\(Figure.ratio(seconds * 1_000_000 / Double(alone))) us")
        try agent.end()
        bookkeeping(&report)
    }

    /// What the agent's books cost by themselves, with each client beating at the default interval.
    private func bookkeeping(_ report: inout Report) {
        var book = ClientInstances(interval: .seconds(5))
        let beats = (0..<Self.clients).map { number in
            ClientInstances.Beat(
                id: "instance-\(number)",
                identity: "spiffe://example.org/tenant/t\(number % Self.tenants)/service/worker",
                type: "WORKER",
                state: .running,
                rules: LivenessRules(),
                connection: ClientConnection(loop: 0, token: UInt64(number))
            )
        }.shuffled()
        for beat in beats { _ = try? book.note(beat, at: .zero) }
        let rounds = 20
        let start = Self.processorTime()
        for round in 1...rounds {
            for beat in beats { _ = try? book.note(beat, at: .seconds(round * 3)) }
            _ = book.judge(at: .seconds(round * 3))
        }
        // A round is three seconds of their lives.
        let part = Double(Self.processorTime() - start) / Double(rounds) / 3_000_000_000
        report.figure(
            "the books alone, with 6667 beats a second",
            "\(Figure.ratio(part * 100)) % of a processor",
            promise: "under 1 %",
            isMet: part < Self.promise
        )
    }

    /// Of this process, in nanoseconds.
    private static func processorTime() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func name(_ number: Int) -> String { "instance-\(number)" }

    private func arriving(_ links: Int) -> [Client] {
        let now = BootInstant.now
        return (0..<Self.clients).map { number in
            Client(
                link: number % links,
                name: Self.name(number),
                due: now.advanced(by: Self.arrival * Double.random(in: 0..<1))
            )
        }.sorted { $0.due < $1.due }
    }

    /// Lets each client beat when it is due.
    ///
    /// - Returns: how many beats that were.
    private func beat(_ clients: inout [Client], _ links: [Link], for duration: Duration) throws -> Int {
        let end = BootInstant.now.advanced(by: duration)
        var beats = 0
        while true {
            let now = BootInstant.now
            guard now < end else { return beats }
            let due = Dictionary(grouping: clients.indices.filter { clients[$0].due <= now }) { clients[$0].link }
            for (link, group) in due {
                let answers = try links[link].beat(group.map { clients[$0].name })
                // The agent answers in the order in which it was asked.
                for (index, answer) in zip(group, answers) {
                    guard answer.state == "RUNNING" else { throw Failure("an instance is \(answer.state)") }
                    clients[index].due = now.advanced(by: .milliseconds(Int64(answer.nextBeatDue)))
                }
                beats += group.count
            }
            Pace.sleep(.milliseconds(20))
        }
    }

    /// The part of a processor that the agent takes while `body` runs.
    private func cost(_ agent: AgentProcess, over duration: Duration, _ body: () throws -> Void) throws -> Double {
        let before = agent.figures().threads.values.reduce(0) { $0 + $1.running }
        try body()
        let after = agent.figures().threads.values.reduce(0) { $0 + $1.running }
        return Double(after - before) / Double(duration.nanoseconds)
    }
}

import SecretMemory
import Testing
import Wire

@Suite("An agent and many callers at once", .onItsOwnThread)
struct ManyCallersTests {
    @Test func `a thousand concurrent misses for one name make one call of the manager`() throws {
        try Node.run { node in
            node.backend.hold("SHARED")
            let context = try node.context(Domain.worker)
            let answers = Recorded<String>()
            let (unix, tcp) = (node.unix, node.tcp)
            let (connections, each) = (20, 50)
            let backend = node.backend
            let threads = Threads()
            for index in 0..<connections {
                threads.start {
                    var caller = try Caller(index % 2 == 0 ? unix : tcp, context)
                    for _ in 0..<each { try caller.ask("SHARED") }
                    for _ in 0..<each { answers.append(try caller.frame().value()) }
                }
            }
            // All of them wait inside the agent before the manager says anything.
            try waitUntil("a thousand requests wait") { node.pending == connections * each }
            try waitUntil("the manager is asked") { backend.reads("SHARED") > 0 }
            #expect(backend.reads("SHARED") == 1)
            backend.release()
            try threads.join()
            #expect(answers.all.count == connections * each)
            #expect(answers.all.allSatisfy { $0 == "SHARED" })
            #expect(backend.reads("SHARED") == 1)
            let recorded = node.trail.records(["operation": "get", "key": "SHARED", "decision": "allow"])
            #expect(recorded.count == connections * each)
            #expect(try node.trail.fault() == nil)
        }
    }
}

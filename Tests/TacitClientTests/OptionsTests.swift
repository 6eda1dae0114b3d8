import SecretMemory
import Testing
import Wire

@testable import TacitClient

@Suite("Options and errors")
struct OptionsTests {
    @Test(arguments: [
        ("unix:///run/tacit/agent.sock", Address.unix(path: "/run/tacit/agent.sock")),
        ("unix:///a b", .unix(path: "/a b")),
        ("tcp://agent.example.org:7443", .tcp(host: "agent.example.org", port: 7443)),
        ("tcp://10.0.0.1:1", .tcp(host: "10.0.0.1", port: 1)),
        ("tcp://[::1]:65535", .tcp(host: "::1", port: 65535)),
    ])
    func `addresses are read and written alike`(text: String, address: Address) throws {
        #expect(try Address(text) == address)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "/run/tacit/agent.sock", "http://a:1", "unix://", "unix:///", "unix://run/agent.sock", "unix:/a",
        "unix:///" + String(repeating: "a", count: 107), "unix:///a\0b", "tcp://", "tcp://host", "tcp://host:",
        "tcp://:1",
        "tcp://host:0", "tcp://host:65536", "tcp://host:+1", "tcp://host:1/", "tcp://a b:1", "tcp://::1:7443",
        "tcp://[::g]:1",
        "tcp://[]:1", "tcp://user@host:1",
    ])
    func `other addresses are wrong configuration that names them`(text: String) {
        let error = #expect(throws: ClientError.self) { _ = try Address(text) }
        guard case .configuration(let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.hasPrefix("\(text) is not an agent's address: "))
    }

    @Test func `the longest path that the kernel takes is taken`() throws {
        let path = "/" + String(repeating: "a", count: 106)
        #expect(try Address("unix://" + path) == .unix(path: path))
    }

    @Test func `the environment gives what the command line does not`() throws {
        let environment = [
            "TACIT_SOCKET": "tcp://h:1", "TACIT_CERTIFICATE": "c", "TACIT_PRIVATE_KEY": "k", "TACIT_CA": "a",
        ]
        let plain = try ClientOptions.from(.init()) { environment[$0] }
        let address = Address.tcp(host: "h", port: 1)
        #expect(plain == ClientOptions(address: address, certificate: "c", privateKey: "k", authority: "a"))
        let overrides = ClientOptions.Overrides(
            address: "unix:///s",
            certificate: "C",
            privateKey: "",
            authority: "A",
            timeout: .seconds(1)
        )
        let mixed = try ClientOptions.from(overrides) { environment[$0] }
        #expect(mixed.address == .unix(path: "/s") && mixed.certificate == "C" && mixed.privateKey == "k")
        #expect(mixed.authority == "A" && mixed.timeout == .seconds(1))
        let bare = try ClientOptions.from(overrides) { $0 == "TACIT_PRIVATE_KEY" ? "k" : nil }
        #expect(bare.privateKey == "k")
    }

    @Test func `what is missing is named, with both ways to give it`() throws {
        let error = #expect(throws: ClientError.self) { _ = try ClientOptions.from(.init()) { _ in nil } }
        #expect(error == .configuration("no client certificate is given: use --certificate or TACIT_CERTIFICATE"))
        let standard = try ClientOptions.from(.init(certificate: "c", privateKey: "k", authority: "a")) { _ in "" }
        #expect(standard.address == .standard && standard.timeout == .seconds(10))
    }

    @Test func `errors tell a negative answer, a wrong question and a missing agent apart`() {
        func category(_ status: Status, _ reason: Reason = Reason(rawValue: "")) -> ClientError.Category {
            ClientError.refused(.init(status: status, reason: reason, message: "")).category
        }
        for status in [Status.notFound, .permissionDenied, .failedPrecondition, .unauthenticated, .cancelled] {
            #expect(category(status) == .negative)
        }
        for status in [Status.invalidArgument, .unimplemented] { #expect(category(status) == .usage) }
        for status in [Status.unavailable, .deadlineExceeded, .resourceExhausted, .internal] {
            #expect(category(status) == .unavailable)
        }
        #expect(category(Status(rawValue: 99)) == .negative)
        #expect(category(.failedPrecondition, .backendDenied) == .unavailable)
        #expect(category(.resourceExhausted, .tooLarge) == .negative)
        #expect(ClientError.timedOut(after: .seconds(1)).category == .unavailable)
        #expect(ClientError.unreachable("").category == .unavailable)
        #expect(ClientError.protocolViolation("").category == .unavailable)
        #expect(ClientError.configuration("").category == .usage)
        #expect(ClientError.memory(.arenaFull).category == .usage)
        #expect(ClientError.Category.allCases.map(\.exitStatus) == [1, 2, 3])
    }

    @Test func `errors are sentences`() {
        let refusal = ClientError.Refusal(status: .notFound, reason: .keyNotFound, message: "no such key")
        #expect("\(ClientError.refused(refusal))" == "no such key (KEY_NOT_FOUND)")
        let bare = ClientError.Refusal(status: .notFound, reason: Reason(rawValue: ""), message: "")
        #expect("\(ClientError.refused(bare))" == "NOT_FOUND")
        #expect("\(ClientError.timedOut(after: .seconds(2)))" == "the agent gave no answer within 2.0 seconds")
    }

    @Test func `durations go to the wire in whole milliseconds, and never become zero on the way`() {
        #expect(Duration.zero.wholeMilliseconds == 0)
        #expect(Duration.seconds(-1).wholeMilliseconds == 0)
        #expect(Duration.nanoseconds(1).wholeMilliseconds == 1)
        #expect(Duration.milliseconds(1500).wholeMilliseconds == 1500)
        #expect(Duration.microseconds(1500).wholeMilliseconds == 2)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == .max)
        #expect(Duration(milliseconds: .max) == .milliseconds(Int64.max))
    }

    @Test func `the agent is allowed a little less time than the caller`() {
        let deadline = Deadline(after: .seconds(10))
        #expect(deadline.forAgent > 9000 && deadline.forAgent <= 9900)
        #expect(Deadline(after: .zero).forAgent == 1)
        #expect(Deadline(after: .zero).isOver)
        #expect(Deadline(after: .seconds(1 << 40)).pollTimeout == .max)
    }
}

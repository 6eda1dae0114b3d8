import Foundation

/// The programs that the tests run.
enum Programs {
    private static func beside(_ name: String) -> String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name).path
    }

    static let agent = beside("tacit")
    static let searcher = beside("MemorySearcher")

    /// A release build of the agent, where the environment names one. It has no probe, and is searched from outside only.
    static let releaseAgent = ProcessInfo.processInfo.environment["TACIT_RELEASE_BINARY"]

    /// Every agent that is to be searched.
    static let agents = [agent] + (releaseAgent.map { [$0] } ?? [])

    /// Runs the searcher, as root.
    ///
    /// - Returns: what it wrote to standard output.
    static func search(_ arguments: [String], _ needles: Needles) throws -> String {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        let isRoot = geteuid() == 0
        process.executableURL = URL(fileURLWithPath: isRoot ? searcher : "/usr/bin/sudo")
        process.arguments = (isRoot ? [] : ["-n", searcher]) + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let request = Data(needles.request)
        Thread.detachNewThread {
            try? input.fileHandleForWriting.write(contentsOf: request)
            try? input.fileHandleForWriting.close()
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                "the memory of another process can be searched by root only: run the tests as root, or with sudo"
            )
        }
        return text
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

extension Findings {
    /// Searches a process's memory and registers from outside.
    static func process(_ pid: pid_t, _ needles: Needles) throws -> Findings {
        try Findings(Programs.search(["process", "\(pid)"], needles), needles)
    }

    /// Sends a process signals, and searches its memory in the moment in which it ends.
    static func exit(of pid: pid_t, after signals: [Int32], _ needles: Needles) throws -> Findings {
        try Findings(Programs.search(["exit", "\(pid)"] + signals.map { "\($0)" }, needles), needles)
    }

    /// Searches files; those that do not exist hold nothing.
    static func files(_ paths: [String], _ needles: Needles) throws -> Findings {
        try Findings(Programs.search(["files"] + paths, needles), needles)
    }

    private init(_ output: String, _ needles: Needles) throws {
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            switch words.first {
            case "hit":
                guard words.count == 4, let needle = Int(words[1]), let address = UInt(words[2], radix: 16) else {
                    break
                }
                hits.append(Hit(meaning: needles.meanings[needle], address: address, place: words[3]))
            case "unreadable": unreadable.append(String(line))
            case "searched": searchedBytes += Int(words[1]) ?? 0
            case "threads": threads += Int(words[1]) ?? 0
            default: break
            }
        }
    }
}

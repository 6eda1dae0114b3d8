internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The parts that the process itself is made of.
extension HealthCollector {
    func loopsPart() -> HealthReport.Part {
        let isAlive = selfWatch.areThreadsAlive
        let silence = selfWatch.silence
        let stalls = selfWatch.seen.stalls
        var details: [(name: String, value: HealthReport.Value)] = [
            ("count", .number(Int64(loops.count))), ("connections", .number(Int64(totals.connections))),
            ("pendingRequests", .number(Int64(services.pendingRequests.load(ordering: .relaxed)))),
            ("longestSilenceMs", .number(silence / 1_000_000)),
            ("longestTurnMs", .number(totals.longestTurn / 1_000_000)),
            ("stalls", .number(Int64(clamping: stalls.stalls))),
            ("standstills", .number(Int64(clamping: stalls.standstills))),
        ]
        var words = "\(loops.count) loops and the door come round"
        if let longest = stalls.longest {
            let name = selfWatch.threadName(longest)
            details += [
                ("longestStallMs", .number(longest.nanoseconds / 1_000_000)), ("longestStallOf", .text(name)),
                ("longestStallAt", .text(WallClock.text(longest.since))),
            ]
            words += "; \(name) once did not for \(Words.duration(longest.nanoseconds))"
        }
        if !isAlive { words = "a thread has not come round for \(Words.duration(silence))" }
        return HealthReport.Part(name: "loops", status: isAlive ? .up : .down, words: words, details: details)
    }

    func arenaPart() -> HealthReport.Part {
        let usage = Arena.usage
        let check = selfWatch.seen.arena
        var details: [(name: String, value: HealthReport.Value)] = [
            ("mappedBytes", .number(Int64(usage.mappedBytes))), ("maximumBytes", .number(Int64(usage.maximumBytes))),
            ("freePageBytes", .number(Int64(usage.freePageBytes))),
        ]
        for account in MemoryAccount.allCases {
            details.append(("\(account)Bytes", .number(Int64(usage.bytes[account] ?? 0))))
        }
        details += [
            ("checkedBlocks", .number(Int64(clamping: check.checkedBlocks))),
            ("checkPasses", .number(Int64(clamping: check.passes))),
            ("damagedBlocks", .number(Int64(clamping: check.damagedBlocks))),
        ]
        if let refusal = usage.lastRefusal { details.append(("lastRefusal", .text(refusal.description))) }
        let words =
            check.isSound
            ? "\(Words.bytes(usage.mappedBytes)) of at most \(Words.bytes(usage.maximumBytes)) are mapped; no block is damaged"
            : "a block was overwritten: this process must be restarted"
        return HealthReport.Part(name: "arena", status: check.isSound ? .up : .down, words: words, details: details)
    }

    func protectionsPart() -> HealthReport.Part {
        let level = Arena.usage.level
        let missing = [
            (hardening.notDumpable, "debuggers are not kept out"), (hardening.noCoreFiles, "core files are possible"),
            (hardening.noNewPrivileges, "programs could gain privileges"),
        ].filter { !$0.0 }.map(\.1)
        return HealthReport.Part(
            name: "protections",
            status: .up,
            words: (["memory is \(level)"] + (missing.isEmpty ? ["all else is granted"] : missing))
                .joined(separator: "; "),
            details: [
                ("memory", .text(level.description)), ("memoryLocked", .flag(level >= .locked)),
                ("notDumpable", .flag(hardening.notDumpable)), ("noCoreFiles", .flag(hardening.noCoreFiles)),
                ("noNewPrivileges", .flag(hardening.noNewPrivileges)),
            ]
        )
    }

    func clockPart() -> HealthReport.Part {
        let clock = selfWatch.seen.clock
        var details: [(name: String, value: HealthReport.Value)] = [
            ("jumps", .number(Int64(clamping: clock.jumps))), ("driftMs", .number(clock.drift / 1_000_000)),
            ("suspends", .number(Int64(clamping: clock.suspends))),
            ("suspendedMs", .number(clock.suspended / 1_000_000)),
        ]
        var words = "the wall clock has not jumped"
        if let at = clock.lastJumpAt {
            details += [
                ("lastJumpMs", .number(clock.lastJump / 1_000_000)), ("lastJumpAt", .text(WallClock.text(at))),
            ]
            let times = clock.jumps == 1 ? "once" : "\(clock.jumps) times"
            words =
                "the wall clock was set \(times), last by \(clock.lastJump < 0 ? "-" : "+")\(Words.duration(abs(clock.lastJump)))"
        }
        if clock.suspends > 0 { words += "; the machine slept for \(Words.duration(clock.suspended))" }
        return HealthReport.Part(name: "clock", status: .up, words: words, details: details)
    }
}

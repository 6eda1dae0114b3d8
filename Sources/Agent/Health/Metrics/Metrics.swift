internal import Glibc
internal import SecretMemory
internal import Secrets
internal import Synchronization

/// The agent's figures in the format that Prometheus reads. docs/metrics.md has a row for each; a test compares the two.
struct Metrics {
    let collector: HealthCollector

    func exposition() -> String {
        var text = PrometheusText()
        process(&text)
        requests(&text)
        connections(&text)
        loops(&text)
        memory(&text)
        values(&text)
        backends(&text)
        audit(&text)
        certificates(&text)
        clock(&text)
        liveness(&text)
        return text.text
    }

    private func process(_ text: inout PrometheusText) {
        let report = collector.report()
        text.gauge("tacit_up", "Whether the agent's own parts are up.", report.status == .up ? 1 : 0)
        text.family("tacit_part_up", "gauge", "Whether a part is up; without those of which that cannot be said.")
        for part in report.parts where part.status != .unknown {
            text.sample("tacit_part_up", [("part", part.name)], part.status == .up ? 1 : 0)
        }
        text.family("tacit_build_info", "gauge", "Always 1; the version is in the label.")
        text.sample("tacit_build_info", [("version", AgentVersion.current)], 1)
        text.gauge(
            "tacit_start_time_seconds",
            "When the agent was started, in seconds since 1970.",
            collector.startedAtWall / 1000
        )
        text.gauge("tacit_resident_memory_bytes", "Memory of all kinds that is resident.", Self.residentBytes)
    }

    /// From the kernel; 0 where it does not say.
    private static var residentBytes: Int {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
    }

    private func loops(_ text: inout PrometheusText) {
        let loops = collector.totals.loops
        text.family("tacit_loop_turns_total", "counter", "Turns of a connection loop in which something was done.")
        for (index, loop) in loops.enumerated() {
            text.sample("tacit_loop_turns_total", [("loop", "\(index)")], loop.turns.load(ordering: .relaxed))
        }
        text.family("tacit_loop_busy_seconds_total", "counter", "Time that a connection loop spent in such turns.")
        for (index, loop) in loops.enumerated() {
            let busy = Double(loop.busy.load(ordering: .relaxed)) / 1_000_000_000
            text.sample("tacit_loop_busy_seconds_total", [("loop", "\(index)")], busy)
        }
        text.gauge(
            "tacit_loop_longest_turn_seconds",
            "The longest turn of a connection loop since the start.",
            Double(collector.totals.longestTurn) / 1_000_000_000
        )
        let stalls = collector.selfWatch.seen.stalls
        text.gauge(
            "tacit_thread_silence_seconds",
            "How long the loop or door has been silent that came round the longest time ago.",
            Double(collector.selfWatch.silence) / 1_000_000_000
        )
        text.counter(
            "tacit_stalls_total",
            "Times that a loop, or the door, did not come round for a second.",
            stalls.stalls
        )
        text.gauge(
            "tacit_longest_stall_seconds",
            "The longest of these stalls since the start.",
            Double(stalls.longest?.nanoseconds ?? 0) / 1_000_000_000
        )
        text.counter(
            "tacit_standstills_total",
            "Times that the whole process stood still for two seconds.",
            stalls.standstills
        )
    }

    private func memory(_ text: inout PrometheusText) {
        let usage = Arena.usage
        text.gauge("tacit_memory_mapped_bytes", "Locked memory mapped.", usage.mappedBytes)
        text.gauge("tacit_memory_maximum_bytes", "Locked memory that may be mapped.", usage.maximumBytes)
        text.family("tacit_memory_used_bytes", "gauge", "Locked memory in use, by purpose.")
        for account in MemoryAccount.allCases {
            text.sample("tacit_memory_used_bytes", [("purpose", "\(account)")], usage.bytes[account] ?? 0)
        }
        let check = collector.selfWatch.seen.arena
        text.counter(
            "tacit_memory_checked_blocks_total",
            "Blocks of locked memory whose headers were looked at.",
            check.checkedBlocks
        )
        text.counter(
            "tacit_memory_damaged_blocks_total",
            "Blocks of locked memory whose headers were overwritten.",
            check.damagedBlocks
        )
        text.family("tacit_protection", "gauge", "Whether the kernel granted a protection.")
        let report = collector.hardening
        let granted = [
            ("memory_locked", usage.level >= .locked), ("memory_secret", usage.level >= .secret),
            ("not_dumpable", report.notDumpable), ("no_core_files", report.noCoreFiles),
            ("no_new_privileges", report.noNewPrivileges),
        ]
        for (name, isGranted) in granted {
            text.sample("tacit_protection", [("name", name)], isGranted ? 1 : 0)
        }
    }

    private func clock(_ text: inout PrometheusText) {
        let clock = collector.selfWatch.seen.clock
        text.counter("tacit_clock_jumps_total", "Times that the wall clock was set.", clock.jumps)
        text.gauge(
            "tacit_clock_drift_seconds",
            "How far the wall clock has moved against the boot clock since the start.",
            Double(clock.drift) / 1_000_000_000
        )
        text.counter("tacit_suspends_total", "Times that the machine was suspended.", clock.suspends)
        text.family("tacit_suspended_seconds_total", "counter", "Time that the machine was suspended.")
        text.sample("tacit_suspended_seconds_total", [], Double(clock.suspended) / 1_000_000_000)
    }
}

import Glibc

/// What the kernel says of a process.
struct ProcessFigures {
    /// One thread's time, in nanoseconds.
    struct ThreadTime {
        var running: Int64 = 0
        /// Ready to run, while something else had the processor.
        var waiting: Int64 = 0
        /// Times it was given a processor.
        var turns: Int64 = 0
    }

    /// From `/proc/PID/status`, in KiB.
    private let status: [Substring: Int]
    /// By the beginning of their names; several threads add up.
    private(set) var threads: [String: ThreadTime] = [:]
    /// Secret memory that is mapped and present, in KiB; nil where the kernel does not show it to this user.
    let secretMemory: Int?

    init(of pid: pid_t) {
        var status: [Substring: Int] = [:]
        for line in TextFile.read("/proc/\(pid)/status").split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" })
            if words.count == 3, words[2] == "kB", let value = Int(words[1]) { status[words[0]] = value }
        }
        self.status = status
        secretMemory = Self.secretMemory(of: pid)
        for task in Scene.names(in: "/proc/\(pid)/task") { add("/proc/\(pid)/task/\(task)") }
    }

    /// Resident memory of all kinds, as `VmRSS`.
    var resident: Int { status["VmRSS"] ?? 0 }

    /// The parts of ``resident``, and what is locked.
    var parts: String {
        let named = ["RssAnon", "RssFile", "RssShmem", "VmLck"].map { name in
            "\(name) \(Figure.mebibytes(status[name[...]] ?? 0))"
        }
        return named.joined(separator: ", ")
    }

    private mutating func add(_ task: String) {
        let numbers = TextFile.read(task + "/schedstat").split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
        let name = TextFile.read(task + "/comm").prefix { $0 != "\n" && !$0.isNumber }
        guard numbers.count == 3 else { return }
        threads[String(name), default: ThreadTime()].running += numbers[0]
        threads[String(name), default: ThreadTime()].waiting += numbers[1]
        threads[String(name), default: ThreadTime()].turns += numbers[2]
    }

    private static func secretMemory(of pid: pid_t) -> Int? {
        let text = TextFile.read("/proc/\(pid)/smaps")
        guard !text.isEmpty else { return nil }
        var isSecret = false
        var total = 0
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words[0].contains("-") {
                isSecret = line.contains("secretmem")
            } else if isSecret, words[0] == "Rss:" {
                total += Int(words[1]) ?? 0
            }
        }
        return total
    }
}

/// Files of the kernel and of the agent, whole.
enum TextFile {
    /// - Returns: "" where it cannot be read.
    static func read(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        return String(decoding: readAll(descriptor), as: UTF8.self)
    }

    static func readAll(_ descriptor: CInt) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
        }
    }
}

internal import Glibc

/// Notices that one of a few files has changed, also where a mount swaps them by symbolic links, as Kubernetes does.
struct FileWatch {
    private struct Mark: Equatable {
        let device: dev_t
        let inode: ino_t
        let size: off_t
        let seconds: time_t
        let nanoseconds: Int
    }

    private let paths: [String]
    private var marks: [Mark?]

    init(_ paths: [String]) {
        self.paths = paths
        marks = paths.map(Self.mark)
    }

    /// Whether anything is different from the last time.
    mutating func hasChanged() -> Bool {
        let current = paths.map(Self.mark)
        defer { marks = current }
        return current != marks
    }

    private static func mark(_ path: String) -> Mark? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Mark(
            device: status.st_dev,
            inode: status.st_ino,
            size: status.st_size,
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec
        )
    }
}

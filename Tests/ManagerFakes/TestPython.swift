import Foundation

/// The Python that the fakes run in, made beforehand: tests install nothing.
package enum TestPython {
    package struct Missing: Error, CustomStringConvertible {
        package let description =
            "the Python of the fakes is missing or old: run make test, or scripts/install-dependencies.sh test"
    }

    private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL

    static var fakes: URL { root.appending(path: "Tests/Fakes") }

    /// A process that runs one of the scripts in Tests/Fakes, not yet started. Nothing of the tests' environment gets in.
    static func process(_ script: String, _ arguments: [String]) throws -> Process {
        let folder = root.appending(path: ".build/test-python")
        let manager = FileManager.default
        guard
            manager.contentsEqual(
                atPath: folder.appending(path: "requirements.txt").path,
                andPath: fakes.appending(path: "requirements.txt").path
            )
        else { throw Missing() }
        let process = Process()
        process.executableURL = folder.appending(path: "bin/python3")
        // Without -B, compiled files would appear among the sources.
        process.arguments = ["-B", fakes.appending(path: script).path] + arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"]
        return process
    }
}

/// A script that drives a fake with a client that others wrote for the real manager.
package enum CheckScript {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs it to its end.
    ///
    /// - Returns: the names of the checks that passed.
    package static func run(_ name: String) throws -> [Substring] {
        let process = try TestPython.process(name, [])
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(name) ended with \(process.terminationStatus):\n\(text)")
        }
        return text.split(separator: "\n")
    }
}

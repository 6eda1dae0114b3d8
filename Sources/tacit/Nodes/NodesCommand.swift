internal import ArgumentParser
internal import Glibc
internal import TacitClient

/// `tacit nodes`
struct NodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Print the registry of nodes: every agent, its state, its last heartbeat.",
        discussion: """
            Needs the operation health, and an agent with tacit.registry. The node that was asked is marked with a star. \
            Ends with 1 where an instance that should run does not.

            EXAMPLE
              tacit nodes --watch
            """
    )

    @Flag(help: "Those too that have ended.")
    var all = false

    @Flag(help: "Print it again every two seconds, until interrupted.")
    var watch = false

    @OptionGroup var format: FormatArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    /// Seconds from one print to the next.
    private static let pause: UInt32 = 2

    func run() throws {
        var client = try client.client()
        while true {
            let list = try client.nodes(ended: all)
            if watch, !format.json, StandardOutput.isTerminal { try StandardOutput.write("\u{1b}[H\u{1b}[2J") }
            try StandardOutput.write(format.json ? NodeTable.json(list).encoded + "\n" : NodeTable.text(list))
            guard watch else {
                client.close()
                if list.nodes.contains(where: NodeTable.isTrouble) { throw CommandFailure(ProcessEnd.negative) }
                return
            }
            sleep(Self.pause)
        }
    }
}

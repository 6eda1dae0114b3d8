/// A page for people: how the agent and each of its parts is. One file that loads nothing else, and can be read without its
/// script, which only keeps it up to date.
enum StatusPage {
    /// - Parameter report: one that names nothing.
    static func html(_ report: HealthReport, _ overview: StatusOverview) -> String {
        let verdict = verdict(report, overview)
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <noscript><meta http-equiv="refresh" content="5"></noscript>
            <title>\(report.status.rawValue) – \(escaped(overview.node)) – Tacit</title>
            <link id="icon" rel="icon" href="\(icon(report.status))">
            <style>\(StatusPageStyle.text)</style>
            </head>
            <body>
            <div id="page">
            <header>
            <p class="brand">Tacit</p>
            <ul class="facts">
            <li>Node <b>\(escaped(overview.node))</b></li>
            <li>Version <b>\(escaped(overview.version))</b></li>
            <li>Running for <b>\(escaped(overview.uptime))</b></li>
            </ul>
            </header>
            <main>
            <div class="verdict \(verdict.kind)" role="status">
            <h1>\(escaped(verdict.title))</h1>
            <p>\(escaped(verdict.words))</p>
            </div>
            <section aria-label="Key figures">
            <dl class="figures">
            \(overview.figures.map(figure).joined(separator: "\n"))
            </dl>
            </section>
            \(parts(report))
            \(overview.tables.map(table).joined(separator: "\n"))
            </main>
            </div>
            <footer>
            <p id="live">This page is loaded anew every five seconds.</p>
            <button id="pause" type="button" aria-pressed="false" hidden>Pause</button>
            <p>For programs: <a href="/health">health as JSON</a>, <a href="/prometheus">metrics</a>.</p>
            </footer>
            <script>\(StatusPageScript.text)</script>
            </body>
            </html>

            """
    }

    // MARK: Sections

    private static func verdict(
        _ report: HealthReport,
        _ overview: StatusOverview
    ) -> (kind: String, title: String, words: String) {
        let down = report.parts.filter { $0.status == .down && !HealthReport.foreign.contains($0.name) }
        let away = report.parts.filter { $0.status == .down && HealthReport.foreign.contains($0.name) }
        guard down.isEmpty else {
            let names = down.map(\.name).joined(separator: ", ")
            return ("DOWN", "Down: \(names)", down.map { sentence($0.words) }.joined(separator: " "))
        }
        guard overview.isReady else {
            return ("UNKNOWN", "Up, but not ready", "It takes no requests: it is starting, or stopping.")
        }
        guard away.isEmpty else {
            let names = away.map(\.name).joined(separator: ", ")
            return ("UNKNOWN", "Up, with trouble: \(names)", away.map { sentence($0.words) }.joined(separator: " "))
        }
        return ("UP", "Up, and all is well", "It takes requests.")
    }

    private static func figure(_ figure: StatusOverview.Figure) -> String {
        "<div><dt>\(escaped(figure.label))</dt><dd><b>\(escaped(figure.value))</b><small>\(escaped(figure.note))</small></dd></div>"
    }

    /// With roles, because on a narrow screen it is laid out as no table is, and would then not be one for a screen reader.
    private static func parts(_ report: HealthReport) -> String {
        let rows = report.parts.map { part in
            let details = part.details.map { detail in
                "<div><dt>\(escaped(detail.name))</dt><dd>\(escaped(detail.value.text))</dd></div>"
            }
            // Its sentence opens its figures; a part without a sentence has at least those.
            let words = part.words.isEmpty ? "Figures" : sentence(part.words)
            return """
                <tr role="row"><th role="rowheader" scope="row">\(escaped(part.name))</th>\
                <td role="cell">\(state(part.status))</td>\
                <td role="cell"><details><summary>\(escaped(words))</summary>\
                <dl class="details">\(details.joined())</dl></details></td></tr>
                """
        }
        return """
            <section aria-labelledby="parts">
            <h2 id="parts">Parts</h2>
            <table class="parts" role="table">
            <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Part</th>\
            <th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">In words</th></tr></thead>
            <tbody role="rowgroup">
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </section>
            """
    }

    private static func table(_ table: StatusOverview.Table) -> String {
        let note = table.note.isEmpty ? "" : "<p class=\"note\">\(escaped(table.note))</p>"
        let kind = table.columns.count > 3 ? "wide" : "narrow"
        guard !table.rows.isEmpty else {
            return """
                <section class="\(kind)" aria-labelledby="\(table.id)">
                <h2 id="\(table.id)">\(escaped(table.title))</h2>
                <p class="empty">\(escaped(table.empty))</p>
                </section>
                """
        }
        let head = table.columns.map { column in
            "<th scope=\"col\"\(column.kind == .number ? " class=\"number\"" : "")>\(escaped(column.title))</th>"
        }
        let rows = table.rows.map { row in
            let cells = zip(row, table.columns).enumerated().map { index, cell in
                index == 0 ? "<th scope=\"row\">\(escaped(cell.0))</th>" : self.cell(cell.0, cell.1.kind)
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <section class="\(kind)" aria-labelledby="\(table.id)">
            <h2 id="\(table.id)">\(escaped(table.title))</h2>
            \(note)
            <div class="scroll" role="region" aria-labelledby="\(table.id)" tabindex="0">
            <table>
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            </section>
            """
    }

    // MARK: Pieces

    private static func cell(_ text: String, _ kind: StatusOverview.Column.Kind) -> String {
        switch kind {
        case .number: "<td class=\"number\">\(escaped(text))</td>"
        case .state: "<td>\(HealthStatus(rawValue: text).map(state) ?? escaped(text))</td>"
        case .text: "<td>\(escaped(text))</td>"
        }
    }

    /// By a mark and a word, and by colour last of all.
    private static func state(_ status: HealthStatus) -> String {
        let mark =
            switch status {
            case .up: "✓"
            case .down: "✕"
            case .unknown: "?"
            }
        return
            "<span class=\"state \(status.rawValue)\"><span aria-hidden=\"true\">\(mark)</span> \(status.rawValue)</span>"
    }

    /// A dot in the browser's tab; the state stands in the title, too.
    private static func icon(_ status: HealthStatus) -> String {
        let shape =
            status == .up
            ? "%3Ccircle cx='8' cy='8' r='6' fill='%232da44e'/%3E"
            : "%3Crect x='2' y='2' width='12' height='12' fill='%23cf222e'/%3E"
        return "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\(shape)%3C/svg%3E"
    }

    private static func sentence(_ words: String) -> String {
        words.isEmpty ? "" : words.prefix(1).uppercased() + words.dropFirst() + "."
    }

    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

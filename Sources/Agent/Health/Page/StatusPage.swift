/// A page for people: each part and how it is. No script, nothing loaded from elsewhere.
enum StatusPage {
    static func html(_ report: HealthReport) -> String {
        let rows = report.parts.map { part in
            "<tr><th>\(escaped(part.name))</th><td class=\"\(part.status.rawValue)\">\(part.status.rawValue)</td><td>"
                + part.details.map { "\(escaped($0.name)): \(escaped($0.value.text))" }.joined(separator: "<br>")
                + "</td></tr>"
        }
        return """
            <!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
            <meta name="viewport" content="width=device-width"><title>Tacit: \(report.status.rawValue)</title>
            <style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
            table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-top:1px solid #8884}
            .UP{color:#1a7f37}.DOWN{color:#cf222e;font-weight:bold}.UNKNOWN{color:#9a6700}</style>
            <h1>Tacit is <span class="\(report.status.rawValue)">\(report.status.rawValue)</span></h1>
            <table>\(rows.joined())</table>
            <p>As JSON: <a href="/health">/health</a>. For Prometheus: <a href="/prometheus">/prometheus</a>.</p></html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}

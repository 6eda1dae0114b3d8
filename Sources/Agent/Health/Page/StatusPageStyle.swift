/// How the status page looks. It changes with the reader's own choice of light or dark, of motion and of size.
enum StatusPageStyle {
    static let text = """
        :root{color-scheme:light dark;--ground:#f6f7f8;--card:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d5dae0;--link:#0a58ca;
        --up:#116329;--up-ground:#dcf5e3;--down:#a40e26;--down-ground:#ffe5e3;--unknown:#6f4500;--unknown-ground:#fdf0c4}
        @media(prefers-color-scheme:dark){:root{--ground:#0e1116;--card:#171b22;--ink:#e7eaee;--soft:#9da7b3;--line:#2d343e;--link:#79b8ff;
        --up:#5fd98a;--up-ground:#10291a;--down:#ff9d96;--down-ground:#3b1518;--unknown:#e8bd4a;--unknown-ground:#2e250b}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.25rem clamp(.75rem,4vw,2rem) 2rem;max-width:72rem;background:var(--ground);color:var(--ink);
        font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
        a{color:var(--link)}
        :focus-visible{outline:3px solid var(--link);outline-offset:2px}
        header{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.25rem 1.5rem;margin-bottom:1rem}
        .brand{margin:0;font-weight:700;font-size:1.125rem;letter-spacing:.02em}
        .facts{display:flex;flex-wrap:wrap;gap:.125rem 1.25rem;margin:0;padding:0;list-style:none;color:var(--soft);font-size:.9375rem}
        .facts b{color:var(--ink);font-weight:600}
        .verdict{padding:1rem 1.25rem;border-radius:.625rem;border-left:.5rem solid currentColor}
        .verdict h1{margin:0;font-size:clamp(1.375rem,5vw,1.875rem);line-height:1.25}
        .verdict p{margin:.25rem 0 0;color:var(--ink)}
        .UP{color:var(--up);background:var(--up-ground)}
        .DOWN{color:var(--down);background:var(--down-ground)}
        .UNKNOWN{color:var(--unknown);background:var(--unknown-ground)}
        .figures{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.75rem;margin:1rem 0 0}
        .figures>div{padding:.75rem 1rem;border:1px solid var(--line);border-radius:.625rem;background:var(--card)}
        .figures dt{color:var(--soft);font-size:.875rem}
        .figures dd{margin:0}
        .figures b{display:block;font-size:1.5rem;line-height:1.3;font-weight:650;white-space:nowrap}
        .figures small{display:block;color:var(--soft);font-size:.8125rem;line-height:1.25}
        main{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);column-gap:1.5rem}
        main>*{grid-column:1/-1}
        main>.narrow{grid-column:auto}
        @media(max-width:44rem){main>.narrow{grid-column:1/-1}}
        h2{margin:1.75rem 0 .5rem;font-size:1.125rem}
        .note{margin:0 0 .5rem;color:var(--soft);font-size:.9375rem}
        .empty{margin:0;padding:.75rem 1rem;border:1px dashed var(--line);border-radius:.625rem;color:var(--soft)}
        .scroll,.parts{border:1px solid var(--line);border-radius:.625rem;background:var(--card)}
        .scroll{overflow-x:auto}
        table{width:100%;border-collapse:separate;border-spacing:0}
        th,td{padding:.5rem 1rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
        thead th{border-top:0;color:var(--soft);font-size:.8125rem;font-weight:600;white-space:nowrap}
        tbody th{font-weight:600;white-space:nowrap}
        .number{text-align:right;white-space:nowrap}
        .state{display:inline-block;padding:0 .625rem;border-radius:1rem;font-size:.875rem;font-weight:650;white-space:nowrap}
        .parts th:first-child{width:9rem}
        .parts td:nth-child(2){width:8rem}
        summary{padding-left:1.125rem;text-indent:-1.125rem;cursor:pointer}
        summary::marker{color:var(--soft)}
        .details{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:0 1.5rem;margin:.375rem 0 .25rem;font-size:.875rem}
        .details>div{display:flex;justify-content:space-between;gap:1rem;border-top:1px dotted var(--line);padding:.125rem 0}
        .details dt{color:var(--soft)}
        .details dd{margin:0;text-align:right;overflow-wrap:anywhere}
        footer{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1rem;margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);
        color:var(--soft);font-size:.9375rem}
        footer p{margin:0}
        footer p:last-child{margin-left:auto}
        #live{min-width:15rem}
        button{padding:.25rem .875rem;border:1px solid var(--soft);border-radius:.375rem;background:var(--card);color:var(--ink);font:inherit;cursor:pointer}
        .lost #page{opacity:.55}
        .lost #live{color:var(--down);font-weight:600}
        @media(max-width:52rem){.figures{grid-template-columns:repeat(2,minmax(0,1fr))}.figures small{min-height:1.25em}}
        @media(max-width:34rem){th,td{padding:.5rem .75rem}.figures b{font-size:1.25rem}.figures small{min-height:2.5em}
        .parts,.parts tbody{display:block}.parts thead{display:none}
        .parts tr{display:grid;grid-template-columns:1fr auto;padding:.5rem 0;border-top:1px solid var(--line)}
        .parts tr:first-child{border-top:0}
        .parts tbody th:first-child,.parts td:nth-child(n){width:auto;padding:0 .75rem;border:0}
        .parts td:nth-child(n+3){grid-column:1/-1;padding-top:.25rem}
        footer p:last-child{margin-left:0}}
        @media print{.scroll{overflow:visible}footer button{display:none}}
        """
}

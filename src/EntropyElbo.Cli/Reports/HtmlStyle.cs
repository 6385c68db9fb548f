namespace EntropyElbo.Cli.Reports;

/// <summary>The style sheet of the report: light and dark, wide and narrow, and on paper.</summary>
internal static class HtmlStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --paper: #f7f8fa; --card: #ffffff; --ink: #1b2430; --soft: #5b6877; --rule: #dfe4ea;
          --a: #1f6fd6; --b: #c2570c; --c: #11805c; --good: #11805c; --bad: #b4530a; --band: #11805c1c; }
        @media (prefers-color-scheme: dark) { :root { --paper: #12161c; --card: #1a2029; --ink: #e6ebf1; --soft: #98a5b5;
          --rule: #2d3642; --a: #6aa9ff; --b: #f0a15a; --c: #55c79b; --good: #55c79b; --bad: #f0a15a; --band: #55c79b24; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 28px 16px 48px; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; }
        h2 { font-size: 1.05rem; margin: 0 0 8px; }
        p { margin: 0 0 8px; max-width: 75ch; }
        .soft { color: var(--soft); }
        .card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px; margin-top: 16px; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 16px; margin-top: 16px; }
        .pair .card { margin-top: 0; min-width: 0; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin-top: 20px; }
        .tile { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 12px 14px; }
        .tile b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; line-height: 1.3; }
        .tile span { color: var(--soft); font-size: .85rem; }
        .note { max-width: none; border-left: 4px solid var(--bad); padding: 8px 12px; margin-top: 12px; background: var(--card); overflow-wrap: anywhere; }
        .good { color: var(--good); } .bad { color: var(--bad); }
        svg { width: 100%; max-width: 660px; height: auto; display: block; }
        svg text { fill: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
        .grid { stroke: var(--rule); } .zero { stroke: var(--soft); } .band { fill: var(--band); }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
        .line.a { stroke: var(--a); } .line.b { stroke: var(--b); stroke-dasharray: 6 3; } .line.c { stroke: var(--c); } .line.d { stroke: var(--soft); stroke-dasharray: 2 4; }
        .key { display: inline-flex; align-items: center; gap: 6px; margin-right: 16px; font-size: .85rem; color: var(--soft); }
        .key i { width: 18px; border-top: 3px solid var(--a); } .key.b i { border-top: 3px dashed var(--b); } .key.c i { border-color: var(--c); } .key.d i { border-top: 3px dotted var(--soft); }
        .scroll { overflow-x: auto; }
        .pixels { image-rendering: pixelated; display: block; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
        th { font-weight: 600; color: var(--soft); font-size: .85rem; white-space: nowrap; }
        td.n, th.n { text-align: right; white-space: nowrap; } thead th { vertical-align: bottom; }
        td.m, th.m { text-align: center; white-space: nowrap; }
        tr.collapsed td { color: var(--soft); }
        .bar { display: block; height: 10px; border-radius: 3px; background: var(--a); min-width: 1px; }
        tr.collapsed .bar { background: var(--soft); opacity: .5; }
        td.w { width: 26%; min-width: 70px; vertical-align: middle; }
        @media (max-width: 560px) { .wide { display: none; } main { padding: 18px 10px 32px; } .card { padding: 12px; } }
        .tip { position: fixed; z-index: 9; max-width: min(90vw, 340px); padding: 4px 8px; border-radius: 6px; background: var(--ink); color: var(--paper);
          font-size: .85rem; overflow-wrap: anywhere; pointer-events: none; }
        h1, h2, td.why, td.name { overflow-wrap: anywhere; } td.why { min-width: 160px; } td.model { min-width: 150px; }
        td.small, th.name { min-width: 84px; font-size: .85rem; } th.name { white-space: normal; overflow-wrap: anywhere; vertical-align: bottom; }
        .heat td { text-align: center; font-size: .85rem; padding: 4px 6px; } .heat td.name { text-align: left; max-width: 180px; }
        .heat .above { background: color-mix(in srgb, var(--a) calc(var(--v) * .7), transparent); }
        .heat .below { background: color-mix(in srgb, var(--b) calc(var(--v) * .7), transparent); }
        .heat td, .bar, .key i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        svg + p { margin-top: 6px; } .hit { fill: transparent; } .hit:hover { fill: var(--band); }
        @media (max-width: 560px) { svg text { font-size: 17px; } }
        @media print { :root { color-scheme: only light; --paper: #fff; --card: #fff; --ink: #1b2430; --soft: #5b6877; --rule: #dfe4ea; --a: #1f6fd6;
          --b: #c2570c; --c: #11805c; --good: #11805c; --bad: #b4530a; --band: #11805c1c; }
          body { background: none; } .card, .tile { break-inside: avoid; } .scroll { overflow: visible; } .tip { display: none; } }
        """;
}

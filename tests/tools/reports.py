#!/usr/bin/env python3
"""Opens reports in a headless Chromium at phone and desktop width and says what is wrong with their layout.

    dotnet build -c Release src/EntropyElbo.Cli
    python3 tests/tools/reports.py PAGE.html [SHOTS] [REPORT.json]   # folder for screenshots, light and dark at both widths

Checks at 360 and 1,200 pixels: nothing is wider than the window, no error from the page or on its console, no request for anything but
the page. With what --json printed of the same fit or selection, the figures on the page are its figures, to the digits shown. Exit
status 1 where something is wrong. Needs Chromium (CHROMIUM names it, else chromium or google-chrome of the path).
"""
import html, json, os, pathlib, re, shutil, subprocess, sys, tempfile

NUMBER = r"(-?\d[\d.]*(?:E[-+]\d+)?)"
BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PROBE = """<script>window.faults=[];window.addEventListener('error',e=>faults.push(e.message));
addEventListener('unhandledrejection',e=>faults.push(String(e.reason)));for(const level of ['error','warn']){const said=console[level];
console[level]=(...what)=>{faults.push(what.join(' '));said.apply(console,what)}}</script>"""
RESULT = """<script>addEventListener('load',()=>{const d=document.documentElement;
const o=document.createElement('output');o.id='probe';o.textContent=JSON.stringify({scroll:d.scrollWidth,inner:innerWidth,faults,
text:document.querySelector('main').innerText,
requests:performance.getEntriesByType('resource').map(r=>r.name).filter(n=>!n.startsWith('data:'))});document.body.append(o);});</script>"""
# A window has a least width, so that the page is opened in a frame of the width wanted.
FRAME = """<!DOCTYPE html><body style="margin:0"><iframe style="border:0;width:%dpx;height:3000px" src="%s"></iframe><output id="out"></output>
<script>const f=document.querySelector('iframe');f.onload=()=>setTimeout(()=>{document.getElementById('out').textContent=
f.contentDocument.getElementById('probe').textContent},200);</script></body>"""


def browse(url, *arguments):
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--hide-scrollbars",
               "--virtual-time-budget=4000", *arguments, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120).stdout


def figures(report):
    """Figures with the pattern that finds them on the page: of a fit, or the score and the ELBO of every trial of a selection."""
    if "trials" in report:
        for trial in (t for t in report["trials"] if t["rank"]):
            row = rf"^{trial['rank']}\t{re.escape(trial['model'])} [^\t]*\t"
            yield f"score of trial {trial['rank']}", trial["score"], row + NUMBER
            yield f"ELBO of trial {trial['rank']}", trial["elbo"], row + r"[^\t]*\t" + NUMBER
        return
    names = {"ELBO": "elbo", "entropy sum": "entropySum", "reconstruction": "reconstruction", "KL": "kl", "BIC": "bic"}
    for name, key in names.items():
        if report[key] is not None:
            yield name, report[key], rf"^{name}\t{NUMBER}|{NUMBER}\n+{name}$"  # In the table, and in a tile.


def compare(text, report):
    """What the page shows otherwise than the report has it, to half of the last digit shown."""
    faults = []
    for name, value, pattern in figures(report):
        shown = [next(filter(None, found.groups())) for found in re.finditer(pattern, text, re.M)]
        if not shown:
            faults.append(f"does not show {name}")
        for figure in shown:
            power = int(figure.partition("E")[2] or 0) - len(figure.partition("E")[0].partition(".")[2])
            if abs(float(figure) - value) > 0.5000001 * 10.0 ** power:
                faults.append(f"shows {name} as {figure}, which is {value}")
    return faults


def check(page, width, folder, report):
    probed = folder / "probed.html"
    text = page.read_text(encoding="utf-8")
    probed.write_text(text.replace("<head>", "<head>" + PROBE, 1).replace("</body>", RESULT + "</body>", 1), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(FRAME % (width, probed.name), encoding="utf-8")
    found = re.search(r'<output id="out">(\{.*?\})</output>', browse(frame.as_uri(), "--window-size=1400,1000", "--dump-dom"), re.S)
    if not found:
        return ["the page gave no answer"]
    answer = json.loads(html.unescape(found.group(1)))
    faults = [f"error: {fault}" for fault in answer["faults"]] + [f"asks for {name}" for name in answer["requests"]]
    if answer["inner"] != width:
        faults.append(f"was shown {answer['inner']} pixels wide")
    if answer["scroll"] > answer["inner"]:
        faults.append(f"is {answer['scroll']} pixels wide")
    return faults + (compare(answer["text"], report) if report else [])


def shoot(page, width, dark, target, folder):
    text = page.read_text(encoding="utf-8")
    copy = folder / "shot.html"
    copy.write_text(text, encoding="utf-8")
    frame = folder / "shotframe.html"
    frame.write_text(FRAME.split("<script>")[0] % (width, copy.name), encoding="utf-8")
    browse(frame.as_uri(), f"--window-size={max(width, 500)},2600", f"--screenshot={target}",
           *(["--blink-settings=preferredColorScheme=0"] if dark else ["--blink-settings=preferredColorScheme=1"]))


def main():
    if not BROWSER:
        sys.exit("There is no Chromium here; set CHROMIUM.")
    page = pathlib.Path(sys.argv[1]).resolve()
    reports = [json.loads(pathlib.Path(a).read_text(encoding="utf-8")) for a in sys.argv[2:] if a.endswith(".json")]
    shots = [pathlib.Path(a).resolve() for a in sys.argv[2:] if not a.endswith(".json")]
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for width in (360, 1200):
            faults = check(page, width, folder, reports[0] if reports else None)
            bad += len(faults)
            print(f"{page.name} at {width}: {'; '.join(faults) or 'good'}")
            if shots:
                for dark in (False, True):
                    shoot(page, width, dark, shots[0] / f"{page.stem}-{width}-{'dark' if dark else 'light'}.png", folder)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()

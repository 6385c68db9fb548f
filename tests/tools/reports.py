#!/usr/bin/env python3
"""Opens reports in a headless Chromium at phone and desktop width and says what is wrong with their layout.

    dotnet build -c Release src/EntropyElbo.Cli
    python3 tests/tools/reports.py PAGE.html [SHOTS]   # folder for screenshots, light and dark at both widths

Checks at 360 and 1,200 pixels: nothing is wider than the window, no error from the page, no request for anything but the page. Exit
status 1 where there was one. Needs Chromium (CHROMIUM names it, else chromium or google-chrome of the path).
"""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile

BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PROBE = """<script>window.faults=[];window.addEventListener('error',e=>faults.push(e.message));</script>"""
RESULT = """<script>addEventListener('load',()=>{const d=document.documentElement;
const o=document.createElement('output');o.id='probe';o.textContent=JSON.stringify({scroll:d.scrollWidth,inner:innerWidth,faults,
requests:performance.getEntriesByType('resource').map(r=>r.name).filter(n=>!n.startsWith('data:'))});document.body.append(o);});</script>"""
# A window has a least width, so that the page is opened in a frame of the width wanted.
FRAME = """<!DOCTYPE html><body style="margin:0"><iframe style="border:0;width:%dpx;height:3000px" src="%s"></iframe><output id="out"></output>
<script>const f=document.querySelector('iframe');f.onload=()=>setTimeout(()=>{document.getElementById('out').textContent=
f.contentDocument.getElementById('probe').textContent},200);</script></body>"""


def browse(url, *arguments):
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--hide-scrollbars",
               "--virtual-time-budget=4000", *arguments, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120).stdout


def check(page, width, folder):
    probed = folder / "probed.html"
    text = page.read_text(encoding="utf-8")
    probed.write_text(text.replace("<head>", "<head>" + PROBE, 1).replace("</body>", RESULT + "</body>", 1), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(FRAME % (width, probed.name), encoding="utf-8")
    found = re.search(r'<output id="out">(\{.*?\})</output>', browse(frame.as_uri(), "--window-size=1400,1000", "--dump-dom"), re.S)
    if not found:
        return ["the page gave no answer"]
    answer = json.loads(found.group(1).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
    faults = [f"error: {fault}" for fault in answer["faults"]] + [f"asks for {name}" for name in answer["requests"]]
    if answer["inner"] != width:
        faults.append(f"was shown {answer['inner']} pixels wide")
    if answer["scroll"] > answer["inner"]:
        faults.append(f"is {answer['scroll']} pixels wide")
    return faults


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
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for width in (360, 1200):
            faults = check(page, width, folder)
            bad += len(faults)
            print(f"{page.name} at {width}: {'; '.join(faults) or 'good'}")
            if len(sys.argv) > 2:
                for dark in (False, True):
                    shoot(page, width, dark, pathlib.Path(sys.argv[2]).resolve() / f"{page.stem}-{width}-{'dark' if dark else 'light'}.png", folder)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()

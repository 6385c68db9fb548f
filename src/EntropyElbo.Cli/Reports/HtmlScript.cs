namespace EntropyElbo.Cli.Reports;

/// <summary>The script of a page: shows what a point is, under the pointer or finger. Without it, browsers show the same titles.</summary>
internal static class HtmlScript
{
    public const string Element = """
        <script>
        (() => {
          const tip = document.createElement("div");
          tip.className = "tip"; tip.hidden = true; document.body.append(tip);
          document.querySelectorAll("svg title").forEach(t => { t.parentNode.dataset.t = t.textContent; t.remove(); });
          const show = e => {
            const dot = e.target.closest ? e.target.closest("[data-t]") : null;
            tip.hidden = !dot;
            if (!dot) return;
            tip.textContent = dot.dataset.t;
            const width = document.documentElement.clientWidth;
            tip.style.left = Math.max(4, Math.min(e.clientX + 12, width - tip.offsetWidth - 4)) + "px";
            tip.style.top = Math.max(4, e.clientY - tip.offsetHeight - 10) + "px";
          };
          document.addEventListener("pointerover", show);
          document.addEventListener("pointerdown", show);
        })();
        </script>

        """;
}

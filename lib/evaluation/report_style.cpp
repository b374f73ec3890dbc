#include "evaluation/report_sections.h"

namespace strata {

const std::string_view kReportStyle = R"css(
:root{--page:#f4f6f8;--card:#fff;--ink:#17212b;--soft:#5b6975;--line:#dfe5ea;--accent:#1769aa;--miss:#c2410c;--s0:#1769aa;--s1:#d9730d;--s2:#3f8f3f;--s3:#8a4fb0;--s4:#b0304f}
@media (prefers-color-scheme:dark){:root{--page:#12171c;--card:#1b2229;--ink:#e6ebf0;--soft:#9aa8b4;--line:#303a44;--accent:#5fb0f0;--miss:#fb923c;--s0:#5fb0f0;--s1:#f5a34a;--s2:#7cc77c;--s3:#c195e0;--s4:#f0809c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.5rem;margin:0 0 8px;overflow-wrap:anywhere}
h2{font-size:1.12rem;margin:0 0 10px}
h3{font-size:.95rem;margin:0 0 8px;overflow-wrap:anywhere}
small{color:var(--soft);font-weight:400}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;margin:14px 0}
.note{color:var(--soft);margin:.2em 0 .8em;font-size:.88rem}
.facts{display:flex;flex-wrap:wrap;gap:4px 22px;margin:0;font-size:.88rem}
.facts div{display:flex;gap:6px;min-width:0}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
.origin{margin-top:4px;font-size:.88rem}
.origin summary{cursor:pointer;color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:14px 18px}
.tile b{display:block;font-size:1.75rem;line-height:1.15;font-variant-numeric:tabular-nums}
.tile b small{font-size:1rem}
.tile span{display:block;font-weight:600}
.tile em{font-style:normal;color:var(--soft);font-size:.82rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
thead th{font-size:.82rem;color:var(--soft);vertical-align:bottom}
tbody th{font-weight:500}
tbody tr:last-child>*{border-bottom:0}
.n{text-align:right}
thead button{all:unset;cursor:pointer}
thead button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
th[aria-sort=descending] button::after{content:" ↓"}
th[aria-sort=ascending] button::after{content:" ↑"}
.chip{display:inline-block;width:.85em;height:.85em;border-radius:3px;margin-right:.5em;vertical-align:-.06em;box-shadow:0 0 0 1px rgba(128,128,128,.55)}
td.bar{width:34%;min-width:120px}
td.bar span{display:inline-block;width:3.2em;text-align:right;margin-right:8px}
td.bar i{display:inline-block;width:calc(100% - 4.2em);height:.7em;background:var(--line);border-radius:4px;overflow:hidden;vertical-align:middle}
td.bar u{display:block;height:100%;background:var(--accent)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:14px 24px}
figure{margin:0;min-width:0}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font-size:11px}
.keys{display:flex;flex-wrap:wrap;gap:0 14px;margin:0 0 4px;font-size:.82rem;color:var(--soft)}
.keys svg{display:inline-block;width:18px;height:8px;margin-right:5px}
.grid{stroke:var(--line);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.s0{stroke:var(--s0)}.line.s1{stroke:var(--s1)}.line.s2{stroke:var(--s2)}.line.s3{stroke:var(--s3)}.line.s4{stroke:var(--s4)}
.dot.s0{fill:var(--s0)}.dot.s1{fill:var(--s1)}.dot.s2{fill:var(--s2)}.dot.s3{fill:var(--s3)}.dot.s4{fill:var(--s4)}
.heat .hit{fill:var(--accent)}.heat .miss{fill:var(--miss)}
.heat text{font-size:9px;text-anchor:middle}
.heat .name{font-size:11px;fill:var(--ink);text-anchor:start}
.heat .name[text-anchor=end]{text-anchor:end}
.heat .on{fill:var(--card)}.heat .off{fill:var(--ink)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;margin:0 0 12px;padding:0;font-size:.86rem}
article{border-top:1px solid var(--line);padding:12px 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(46%,165px),1fr));gap:10px}
.figures.large{grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr))}
.figures img{display:block;width:100%;height:auto;border-radius:4px;cursor:zoom-in}
.figures.large img{cursor:zoom-out}
figcaption{font-size:.82rem;margin-top:4px}
figcaption span{color:var(--soft)}
.charts figcaption{margin:0 0 4px;font-size:.9rem}
@media (max-width:620px){.wide{display:none}th,td{padding:4px 6px}td.bar{min-width:96px;width:auto}section{padding:12px}main{padding:12px 8px 32px}}
@media (max-width:460px){.mid{display:none}table{font-size:.88rem}th,td{padding:3px 4px}td.bar{min-width:58px}td.bar span{width:auto}td.bar i{display:block;width:100%;height:.45em}}
@media print{body{background:none}section{break-inside:avoid}}
)css";

const std::string_view kReportScript = R"js(
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") !== "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = row => Number(row.cells[column].dataset.v);
    body.append(...[...body.rows].sort((a, b) => down ? value(b) - value(a) : value(a) - value(b)));
  }));
}
for (const figures of document.querySelectorAll(".figures"))
  figures.addEventListener("click", event => event.target.tagName === "IMG" && figures.classList.toggle("large"));
)js";

}  // namespace strata

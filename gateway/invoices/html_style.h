#pragma once
// The styles of html.h's page.

#include <string_view>

namespace tally::gateway::invoices {

inline constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #5b6570; --rule: #c9d0d6; --box: #f3f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #15181b; --faint: #a3adb6; --rule: #3a434b; --box: #1f2429; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
address { font-style: normal; white-space: pre-line; }
.parties { display: flex; flex-wrap: wrap; gap: 2rem; margin-bottom: 1.5rem; }
.parties > div { flex: 1 1 16rem; }
.label, .note, small { color: var(--faint); font-size: .85em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--rule); }
th { font-size: .85em; color: var(--faint); border-bottom-width: 2px; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.sum td { border-bottom: 0; }
.pay td { font-weight: 700; font-size: 1.15em; border-top: 2px solid var(--ink); }
.box { background: var(--box); padding: 1rem; border-radius: .4rem; }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #444; --rule: #999; --box: #fff; }
  @page { size: A4; margin: 16mm; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  thead { display: table-header-group; }
  tr, .box { break-inside: avoid; }
  .box { border: 1px solid #999; }
  .wide { overflow: visible; }
}
)";

}  // namespace tally::gateway::invoices

/** The one style sheet of a page: no font and no picture from elsewhere, light and dark, from 320 pixels on. */
export const STYLE = `
:root { color-scheme: light dark;
  --page: #ffffff; --card: #f6f7f9; --text: #1c2128; --faint: #57606a; --line: #d0d5dc; --link: #0a58ca;
  --good: #196c2e; --bad: #b3261e; --bad-card: #fdecea; --one: #1f5fd0; --two: #b04a00; --three: #0b7a63; --four: #8a2fb0; --five: #6b6300; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14171c; --card: #1e232b; --text: #e4e8ee; --faint: #a3adba; --line: #3b4450; --link: #8ab8ff;
  --good: #6fd08a; --bad: #ff9a91; --bad-card: #3a2020; --one: #7fb0ff; --two: #ffb169; --three: #5fd3b8; --four: #d89bf5; --five: #d8cf5a; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 60rem; padding: 0 1rem 3rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; display: inline-block; padding: .5rem; }
header { padding: 1.25rem 0 .25rem; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 2.25rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: 1.3rem; line-height: 1.3; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1.05rem; line-height: 1.35; }
p { margin: .4rem 0; }
.faint, figcaption { color: var(--faint); }
.good { color: var(--good); } .bad { color: var(--bad); }
.badges { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0; padding: 0; list-style: none; }
.badges li { padding: .15rem .7rem; border: 1px solid currentColor; border-radius: 1rem; font-weight: 600; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: .75rem 0 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .25rem 0; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); padding-bottom: .25rem; }
th, td { padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th, td.number { white-space: nowrap; overflow-wrap: normal; } th.number, td.number { text-align: right; }
td { overflow-wrap: break-word; min-width: 4rem; } td code { white-space: nowrap; }
thead th { color: var(--faint); font-weight: 600; }
tbody th { font-weight: 600; }
figure { margin: 1rem 0 1.5rem; }
figcaption { margin: .25rem 0 .4rem; font-size: .95rem; }
details { margin: .4rem 0; }
summary { cursor: pointer; padding: .2rem 0; color: var(--link); }
details > .scroll, details > pre { max-height: 28rem; overflow-y: auto; }
pre, code { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .88rem; }
pre { margin: .4rem 0; padding: .7rem .9rem; border-radius: .4rem; background: var(--card); overflow-x: auto; overflow-wrap: normal; }
pre.wraps { white-space: pre-wrap; overflow-wrap: anywhere; }
.rule { margin: 1.25rem 0; padding: .1rem 1rem .6rem; border-left: 4px solid var(--bad); background: var(--card); }
.rule pre { background: var(--page); }
.rule.warning { border-left-color: var(--two); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: .5rem 0; }
dt { color: var(--faint); } dd { margin: 0; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } }
svg { display: block; width: 100%; height: auto; }
svg.wide { max-width: 45rem; } svg.narrow { display: none; max-width: 27rem; }
@media (max-width: 34rem) { svg.wide { display: none; } svg.narrow { display: block; } }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; fill: var(--text); }
svg .faint { fill: var(--faint); } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .halo { paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
.rule svg .halo { stroke: var(--card); }
svg .strong { font-weight: 600; }
svg .grid { stroke: var(--line); stroke-width: 1; fill: none; } svg .dashed { stroke-dasharray: 4 3; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .one { stroke: var(--one); stroke-width: 3.5; } svg .two { stroke: var(--two); stroke-dasharray: 7 3; } svg .three { stroke: var(--three); stroke-dasharray: 2 3; }
svg .four { stroke: var(--four); stroke-dasharray: 10 3 2 3; } svg .five { stroke: var(--five); stroke-dasharray: 4 6; } svg .base { stroke: var(--faint); stroke-width: 1.5; }
svg .bar { fill: var(--one); } svg .bar.other { fill: var(--two); }
svg .arrow { fill: none; stroke: var(--text); stroke-width: 1.3; } svg .head { fill: var(--text); stroke: none; }
svg .breaks .arrow { stroke: var(--bad); stroke-width: 2; } svg .breaks .head, svg .breaks text { fill: var(--bad); }
@media print { nav, .skip { display: none; } body { max-width: none; } figure, .rule { break-inside: avoid; } }
`;

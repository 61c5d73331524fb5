// What the page is made of besides the run itself: its frame, its looks, its script.
#include "app/watch/page.hpp"

namespace voltage::app::watch {

std::string page_html(const View& view) {
  return R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>voltage</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<noscript><meta http-equiv="refresh" content="2"></noscript>
<link rel="stylesheet" href="/page.css"><link rel="icon" href="data:,"></head><body>
<main id="main">)" +
         page_main(view) + R"(</main>
<section class="control"><h2>Control</h2>
<p class="dim">Needs the token of <code>dashboard.token</code> in the data folder, and a reason, which goes into the
journal with the action. The same from a terminal: <code>voltage control pause --reason &hellip;</code></p>
<div class="row"><input id="token" type="password" placeholder="token" aria-label="token" autocomplete="off">
<input id="reason" placeholder="reason" aria-label="reason" maxlength="200">
<button data-action="pause">Pause</button><button data-action="resume">Resume</button>
<button data-action="kill" class="danger">Kill</button> <span id="said" role="status"></span></div></section>
<footer class="dim"><a href="/metrics">metrics</a> · <a href="/healthz">healthz</a> · <a href="/readyz">readyz</a> ·
<a href="/status.json">status.json</a></footer>
<script src="/page.js"></script></body></html>
)";
}

std::string page_css() {
  return R"(:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d8dee4;--card:#f6f8fa;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700;--blue:#0969da}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;--line:#30363d;--card:#151b23;--good:#3fb950;--bad:#f85149;--warn:#d29922;--blue:#4493f8}}
*{box-sizing:border-box}
body{margin:0;padding:1rem 1.25rem;background:var(--bg);color:var(--fg);font:14px/1.45 system-ui,sans-serif;max-width:1400px;margin:0 auto}
h1{font-size:1.2rem;margin:0;display:inline}h2{font-size:.95rem;margin:0 0 .4rem}
.dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
header{display:flex;gap:.8rem;align-items:baseline;flex-wrap:wrap;margin-bottom:.6rem}
.badge{border:1px solid currentColor;border-radius:1rem;padding:0 .6rem;font-weight:600}
.notice{background:var(--card);border-left:4px solid var(--warn);padding:.4rem .7rem;margin:.5rem 0}
.alert{background:var(--card);border-left:4px solid var(--bad);padding:.4rem .7rem;margin:.5rem 0}
.grid{display:grid;gap:.8rem;margin-top:.8rem;grid-template-columns:repeat(auto-fit,minmax(330px,1fr))}
section,.card{border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem;background:var(--bg);overflow-x:auto}
section{margin-top:.8rem}.grid section{margin-top:0}
.wide{grid-column:1/-1}@media(min-width:1060px){.two{grid-column:span 2}}
.numbers{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem}.numbers div{min-width:7rem}.numbers b{display:block;font-size:1.15rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}table:not(:has(td)){display:none}
th,td{text-align:right;padding:.15rem .5rem;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;color:var(--dim)}th.l,td.l{text-align:left}td.wrap{white-space:normal}
tr:last-child td{border-bottom:0}
svg{width:100%;height:80px;display:block}polyline{fill:none;stroke:var(--blue);stroke-width:1.5;vector-effect:non-scaling-stroke}line{stroke:var(--line);vector-effect:non-scaling-stroke}
progress{width:100%;height:1rem}
ul.log{list-style:none;margin:0;padding:0;font:12px/1.5 ui-monospace,monospace;max-height:15rem;overflow-y:auto}
.control .row{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center}
input,button{font:inherit;padding:.25rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--fg)}
input#reason{flex:1;min-width:12rem}button{cursor:pointer}button.danger{color:var(--bad);font-weight:600}
footer{margin:.8rem 0}a{color:var(--blue)}code{font-size:.92em}
.stale{opacity:.45}
)";
}

std::string page_js() {
  return R"('use strict';
const main = document.getElementById('main'), said = document.getElementById('said');
const token = document.getElementById('token'), reason = document.getElementById('reason');
token.value = sessionStorage.getItem('token') || '';
token.onchange = () => sessionStorage.setItem('token', token.value);
async function look() {
  try {
    const answer = await fetch('/main', {cache: 'no-store'});
    if (!answer.ok) throw new Error(answer.status);
    const top = main.querySelector('ul.log') ? main.querySelector('ul.log').scrollTop : 0;
    main.innerHTML = await answer.text();
    if (main.querySelector('ul.log')) main.querySelector('ul.log').scrollTop = top;
    main.classList.remove('stale');
    document.title = main.querySelector('h1').dataset.title;
  } catch (e) {
    main.classList.add('stale');
    document.title = 'voltage: no answer';
  }
  setTimeout(look, 1000);
}
async function act(path, body) {
  const answer = await fetch(path, {method: 'POST', body: JSON.stringify(body),
    headers: {'Content-Type': 'application/json', 'Authorization': 'Bearer ' + token.value}});
  said.textContent = (await answer.text()).trim();
  said.className = answer.ok ? 'good' : 'bad';
}
for (const button of document.querySelectorAll('button[data-action]'))
  button.onclick = () => act('/control', {action: button.dataset.action, reason: reason.value});
main.addEventListener('click', e => {
  const of = e.target.dataset;
  if (of.alert) act('/acknowledge', {alert: of.alert, about: of.about});
});
setTimeout(look, 1000);
)";
}

}  // namespace voltage::app::watch

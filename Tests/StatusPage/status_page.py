"""Looks at a running agent's status page with a real browser, and says what is wrong with it.

    status_page.py URL [FOLDER]     FOLDER: where the pictures are left

Ends with 0 where nothing is.
"""

import base64
import os
import sys
import urllib.parse

from browser import Browser, Failure, Tab
from picture import brightness, colours, pixels

# What axe and its kin look at first, as far as this page has it. Each finding is a sentence.
ACCESSIBILITY = r"""
(() => {
  const found = [];
  const all = selector => [...document.querySelectorAll(selector)];
  if (!document.title.trim()) found.push("the page has no title");
  if (document.documentElement.lang !== "en") found.push("the page does not say its language");
  if (all("h1").length !== 1) found.push(`there are ${all("h1").length} h1`);
  if (all("main").length !== 1) found.push("there is not one main");
  let level = 0;
  for (const heading of all("h1, h2, h3, h4")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) found.push(`${heading.textContent} skips a level of headings`);
    if (!heading.textContent.trim()) found.push("a heading is empty");
    level = own;
  }
  const ids = all("[id]").map(element => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`the id ${id} is there twice`);
  for (const element of all("[aria-labelledby]")) {
    if (!document.getElementById(element.getAttribute("aria-labelledby"))) found.push("a label is missing");
  }
  for (const table of all("table")) {
    if (!table.querySelector("thead th")) found.push("a table has no heads of columns");
    for (const cell of table.querySelectorAll("th")) if (!cell.scope) found.push(`${cell.textContent} heads nothing`);
    for (const row of table.querySelectorAll("tbody tr")) {
      if (row.querySelectorAll('th[scope="row"]').length !== 1) found.push("a row has no head");
      if (row.cells.length !== table.querySelectorAll("thead th").length) found.push("a row is too short or too long");
    }
    if (!table.closest("section")?.getAttribute("aria-labelledby")) found.push("a table has no name");
  }
  for (const element of all("a, button, summary")) {
    if (!element.textContent.trim()) found.push(`a ${element.tagName} has no name`);
  }
  for (const element of all("div")) {
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === "auto"
        && element.tabIndex < 0) found.push("what can be scrolled cannot be reached by keyboard");
  }
  // Contrast, as WCAG 2 counts it; 3 is enough for large text.
  const channels = text => text.match(/[\d.]+/g).map(Number);
  const light = text => {
    const [red, green, blue] = channels(text).map(value => value / 255)
      .map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script")) continue;
    texts += 1;
    const style = getComputedStyle(element);
    const [one, two] = [light(style.color), light(ground(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    const size = parseFloat(style.fontSize);
    const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < wanted) found.push(`"${walker.currentNode.data.trim()}" has a contrast of ${ratio.toFixed(2)}`);
    if (size < 12) found.push(`"${walker.currentNode.data.trim()}" is set in ${size} pixels`);
  }
  if (texts < 40) found.push(`there are only ${texts} texts`);
  // Nothing is told by colour alone: each state says what it is.
  for (const state of all(".state")) {
    if (!/UP|DOWN|UNKNOWN/.test(state.textContent)) found.push("a state is a colour only");
  }
  if (document.documentElement.scrollWidth > innerWidth) {
    found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
  }
  return found;
})()
"""


class Checks:
    def __init__(self, url, folder):
        self.url = url
        self.folder = folder
        self.found = []

    def expect(self, holds, what):
        if not holds:
            self.found.append(what)

    def common(self, tab, where):
        """What holds for each tab that was opened."""
        for complaint in tab.complaints:
            self.found.append(f"{where}: the console says: {complaint}")
        for request in tab.requests:
            parts = urllib.parse.urlsplit(request)
            own = f"{parts.scheme}://{parts.netloc}/" == self.url
            self.expect(own or parts.scheme == "data", f"{where}: the page asked for {request}")

    def picture(self, tab, name, is_dark):
        # Half as large, which is enough to see it, and a quarter of the work.
        width, height = tab.value("[innerWidth, innerHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 if self.folder else 0.5}
        data = base64.b64decode(tab.call("Page.captureScreenshot", format="png", clip=clip)["data"])
        if self.folder:
            with open(os.path.join(self.folder, f"{name}.png"), "wb") as file:
                file.write(data)
        rows = pixels(data)
        self.expect(colours(rows) > 50, f"{name}: the picture has {colours(rows)} colours")
        light = brightness(rows)
        self.expect(light < 70 if is_dark else light > 200, f"{name}: the picture's brightness is {light:.0f} of 255")

    # The checks

    def looks(self, browser):
        """In light and dark, on a desk and on a phone: seen, reachable, readable."""
        for name, width, dark in [
            ("light", 1200, False), ("dark", 1200, True), ("phone-light", 320, False), ("phone-dark", 360, True),
        ]:
            tab = Tab(browser, width=width, height=1400, dark=dark)
            tab.open(self.url)
            for finding in tab.value(ACCESSIBILITY):
                self.found.append(f"{name}: {finding}")
            # With all figures shown, too.
            tab.value("document.querySelectorAll('details').forEach(each => each.open = true)")
            for finding in tab.value(ACCESSIBILITY):
                self.found.append(f"{name}, all opened: {finding}")
            tab.value("document.querySelectorAll('details').forEach(each => each.open = false)")
            self.picture(tab, name, dark)
            self.common(tab, name)
            tab.close()

    def says(self, browser):
        """What a reader comes for is there."""
        tab = Tab(browser)
        tab.open(self.url)
        text = tab.value("document.body.innerText")
        for words in ["Up, and all is well", "loops", "arena", "certificates", "backends", "audit", "clock", "Values held",
                      "Reads, p50", "Reads, p99", "Connections by service", "worker", "Denials by reason",
                      "namespace not allowed", "Secrets managers"]:
            self.expect(words.lower() in text.lower(), f"the page does not say {words}")
        for words in ["spiffe", "company", "GREETING", "default,"]:
            self.expect(words not in tab.value("document.documentElement.outerHTML"), f"the page says {words}")
        self.expect(tab.value("document.title").startswith("UP"), "the title does not begin with the state")
        tab.close()

    def lives(self, browser):
        """Kept up to date without taking away what a reader has opened, focused or selected."""
        tab = Tab(browser)
        tab.open(self.url)
        tab.value("""
            window.moved = 0;
            new PerformanceObserver(list => { for (const entry of list.getEntries()) moved += entry.value; })
              .observe({type: "layout-shift", buffered: true});
            document.querySelectorAll("summary")[3].focus();
            document.querySelectorAll("details")[3].open = true;
            window.marked = document.querySelectorAll("details")[3];
            0""")
        age = "document.querySelector('.facts').innerText"
        before = tab.value(age)
        tab.wait(lambda: tab.value(age) != before, "the page changes by itself")
        tab.rest(2.5)
        self.expect(tab.value("document.activeElement === document.querySelectorAll('summary')[3]"), "the focus went")
        self.expect(tab.value("marked.isConnected && marked.open"), "what was opened was closed")
        self.expect(tab.value("moved") < 0.02, f"the layout moved by {tab.value('moved')}")
        self.expect(tab.value("document.getElementById('live').innerText").startswith("Live"), "it does not say that it lives")
        self.expect(tab.count("Page.loadEventFired") == 1, "it was loaded anew where scripts run")
        # A reader may stop it.
        tab.value("document.getElementById('pause').click()")
        tab.rest(0.5)
        asked = len(tab.requests)
        tab.rest(3)
        self.expect(len(tab.requests) == asked, "it asks on although it is paused")
        self.expect(tab.value("document.getElementById('pause').getAttribute('aria-pressed')") == "true", "no word of it")
        tab.value("document.getElementById('pause').click()")
        tab.wait(lambda: len(tab.requests) > asked, "it goes on")
        self.common(tab, "live")
        # The agent is gone, and comes back.
        lost = "document.body.classList.contains('lost')"
        network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        tab.call("Network.emulateNetworkConditions", offline=True, **network)
        tab.wait(lambda: tab.value(lost), "it notices that nobody answers")
        self.expect("No answer" in tab.value("document.title"), "the title does not say that nobody answers")
        self.expect("No answer since" in tab.value("document.getElementById('live').innerText"), "nor does the page")
        tab.call("Network.emulateNetworkConditions", offline=False, **network)
        tab.wait(lambda: not tab.value(lost), "it notices that somebody answers again")
        self.expect(tab.value("document.title").startswith("UP"), "the title still says that nobody answers")
        tab.close()

    def works_without_script(self, browser):
        tab = Tab(browser, script=False)
        tab.open(self.url)
        # Only the page's own scripts are off.
        text = tab.value("document.body.innerText")
        for words in ["Up, and all is well", "Values held", "Secrets managers", "loaded anew every five seconds"]:
            self.expect(words.lower() in text.lower(), f"without scripts, the page does not say {words}")
        self.expect(tab.value("document.getElementById('pause').checkVisibility()") is False, "a button that does nothing")
        tab.wait(lambda: tab.count("Page.loadEventFired") > 1, "it is loaded anew without scripts", timeout=12)
        self.common(tab, "without scripts")
        tab.close()

    def holds_its_policy(self, browser):
        """What somebody might smuggle into the page does not run, is not loaded and not shown."""
        tab = Tab(browser)
        tab.open(self.url)
        tab.value("""
            window.ran = false;
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "/prometheus";
            document.body.append(image);
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.head.append(style);
            const link = document.createElement("p");
            link.innerHTML = "<b onclick='window.ran = true'>x</b>";
            document.body.append(link);
            link.firstChild.click();
            0""")
        tab.rest(0.5)
        self.expect(tab.value("window.ran") is False, "a script that is not the page's own was run")
        self.expect(tab.value("getComputedStyle(document.body).display") == "block", "a style that is not its own counts")
        self.expect(len(tab.complaints) >= 3, "the browser did not refuse what the policy forbids")
        tab.close()

    def run(self):
        with Browser() as browser:
            for check in [self.looks, self.says, self.lives, self.works_without_script, self.holds_its_policy]:
                try:
                    check(browser)
                except Failure as failure:
                    self.found.append(f"{check.__name__}: {failure}")
        return self.found


if __name__ == "__main__":
    findings = Checks(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None).run()
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)

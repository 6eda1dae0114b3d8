/// What keeps the status page up to date where scripts run. It fetches the page itself and changes only what is different, so
/// that what a reader has opened, selected or focused stays.
enum StatusPageScript {
    static let text = #"""
        (() => {
          "use strict";
          const page = document.getElementById("page");
          const live = document.getElementById("live");
          const pause = document.getElementById("pause");
          const every = 2000;
          let isBusy = false;
          let isPaused = false;
          let last = new Date();

          const say = text => { if (live.textContent !== text) live.textContent = text; };
          const time = () => last.toLocaleTimeString();

          // Makes `old` what `next` is.
          const patch = (old, next) => {
            if (old.nodeType !== next.nodeType || old.nodeName !== next.nodeName) {
              old.replaceWith(document.importNode(next, true));
              return;
            }
            if (old.nodeType === Node.TEXT_NODE) {
              if (old.data !== next.data) old.data = next.data;
              return;
            }
            for (const {name, value} of next.attributes ?? []) {
              if (old.getAttribute(name) !== value) old.setAttribute(name, value);
            }
            for (const {name} of [...old.attributes ?? []]) {
              if (name !== "open" && !next.hasAttribute(name)) old.removeAttribute(name);
            }
            const [before, after] = [[...old.childNodes], [...next.childNodes]];
            after.forEach((node, index) => {
              if (index < before.length) patch(before[index], node); else old.append(document.importNode(node, true));
            });
            before.slice(after.length).forEach(node => node.remove());
          };

          const look = async () => {
            if (isBusy || isPaused || document.hidden) return;
            isBusy = true;
            try {
              const answer = await fetch("/", {cache: "no-store", signal: AbortSignal.timeout(5000)});
              if (!answer.ok) throw new Error(answer.statusText);
              const next = new DOMParser().parseFromString(await answer.text(), "text/html");
              patch(page, next.getElementById("page"));
              patch(document.getElementById("icon"), next.getElementById("icon"));
              document.title = next.title;
              document.body.classList.remove("lost");
              last = new Date();
              say(`Live, as of ${time()}.`);
            } catch {
              document.body.classList.add("lost");
              document.title = `No answer – ${document.title.replace(/^No answer – /, "")}`;
              say(`No answer since ${time()}. This is what was seen last.`);
            }
            isBusy = false;
          };

          pause.hidden = false;
          pause.addEventListener("click", () => {
            isPaused = !isPaused;
            pause.setAttribute("aria-pressed", String(isPaused));
            pause.textContent = isPaused ? "Go on" : "Pause";
            if (isPaused) say(`Paused at ${time()}.`); else look();
          });
          document.addEventListener("visibilitychange", look);
          setInterval(look, every);
          say(`Live, as of ${time()}.`);
        })();
        """#
}

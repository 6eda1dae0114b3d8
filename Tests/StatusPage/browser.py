"""A headless Chromium, driven over the DevTools protocol through two pipes: nothing but Python's own library is needed."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Failure(Exception):
    """What the browser, or the page in it, did not do."""


class Browser:
    """One process, with a profile of its own. Ended with the block that it is opened in."""

    def __init__(self):
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if not program:
            raise Failure("there is no chromium: run make test, or scripts/install-dependencies.sh test")
        self.folder = tempfile.mkdtemp(prefix="tacit-browser-")
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()
        flags = [
            "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
            "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        ]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        command = f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}'
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", command, program, *flags, "about:blank"],
            pass_fds=(to_read, to_write), env=dict(os.environ, HOME=self.folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self.unread = b""
        self.last_id = 0
        self.tabs = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, session=None, timeout=30, **parameters):
        """Sends a command and waits for its result."""
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        message = json.dumps(command).encode() + b"\0"
        while message:
            message = message[os.write(self.to_browser, message):]
        deadline = time.monotonic() + timeout
        while True:
            answer = self.receive(deadline)
            if answer is None:
                raise Failure(f"no answer to {method} within {timeout} s")
            if answer.get("id") == command["id"]:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def receive(self, deadline):
        """The next message, which is noted where it is an event; None where there is none in time."""
        while b"\0" not in self.unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
                return None
            piece = os.read(self.from_browser, 1 << 20)
            if not piece:
                raise Failure("the browser has ended")
            self.unread += piece
        message, self.unread = self.unread.split(b"\0", 1)
        message = json.loads(message)
        if "method" in message and message.get("sessionId") in self.tabs:
            self.tabs[message["sessionId"]].append(message)
        return message


class Tab:
    """One page, and everything that was said about it."""

    def __init__(self, browser, width=1200, height=900, dark=False, script=True):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.target = target
        self.events = browser.tabs[self.session] = []
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        if not script:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def call(self, method, **parameters):
        return self.browser.call(method, session=self.session, **parameters)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait(lambda: self.count("Page.loadEventFired") > 0, "the page is loaded")

    def wait(self, condition, what, timeout=20):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise Failure(f"not within {timeout} s: {what}")
            self.browser.receive(time.monotonic() + 0.05)

    def rest(self, seconds):
        """Lets time pass, and notes what happens."""
        deadline = time.monotonic() + seconds
        while self.browser.receive(deadline) is not None:
            pass

    def count(self, event):
        return sum(1 for noted in self.events if noted["method"] == event)

    def value(self, expression):
        """What an expression is worth in the page. The page's own policy does not apply to it."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    @property
    def requests(self):
        return [
            noted["params"]["request"]["url"] for noted in self.events if noted["method"] == "Network.requestWillBeSent"
        ]

    @property
    def complaints(self):
        """Whatever would stand in the console in red or yellow."""
        found = []
        for noted in self.events:
            parameters = noted["params"]
            if noted["method"] == "Runtime.exceptionThrown":
                found.append(str(parameters["exceptionDetails"]))
            elif noted["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
            elif noted["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
                found.append(str(parameters["args"]))
        return found

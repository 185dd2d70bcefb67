import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatHtml } from "../../src/report/html.js";
import { formatSweepHtml } from "../../src/report/html-sweep.js";
import { sweepOf, THREADS } from "../golden/sweep-results.js";
import { hasBrowser, launchBrowser } from "../support/browser.js";
import { runJson } from "../support/cli.js";
import { hostile, runSmall } from "../support/report-results.js";

interface Shown {
  readonly page: Page;
  /** What the browser complained about, and what it asked for beside the page. */
  readonly messages: string[];
  readonly requests: string[];
}

describe.skipIf(!hasBrowser())("the page of a result in a browser", () => {
  const pages = new Map<string, string>();
  let browser: Browser;
  let server: http.Server;
  let address = "";

  beforeAll(async () => {
    browser = await launchBrowser();
    const result = await runSmall();
    pages.set("/run", formatHtml(result));
    pages.set("/hostile", formatHtml(hostile(result)));
    pages.set("/sweep", formatSweepHtml(sweepOf(5, THREADS)));
    pages.set("/storm", formatHtml(await runJson(["run", "close-storm", "--afs", "2k"])));
    pages.set("/faulty", formatHtml(await runJson(["run", "faulty-drivers"])));
    // Over HTTP a browser asks for more than from a file: an icon, what a policy's header would forbid.
    server = http.createServer(({ url = "" }, response) => {
      const content = pages.get(url);
      response.writeHead(content === undefined ? 404 : 200, { "content-type": "text/html" }).end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function show(name: string, width = 1000, colorScheme: "light" | "dark" = "light"): Promise<Shown> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const shown: Shown = { page, messages: [], requests: [] };
    page.on("console", (message) => shown.messages.push(message.text()));
    page.on("pageerror", (error) => shown.messages.push(error.message));
    page.on("dialog", (dialog) => shown.messages.push(dialog.message()));
    page.on("request", (request) => shown.requests.push(request.url()));
    await page.goto(address + name);
    return shown;
  }

  it.each(["/run", "/hostile", "/faulty", "/sweep", "/storm"])(
    "asks for nothing, and the browser has nothing to say: %s",
    async (name) => {
      for (const scheme of ["light", "dark"] as const) {
        const { page, messages, requests } = await show(name, 1000, scheme);
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        await page.waitForLoadState("networkidle");
        expect(messages).toEqual([]);
        expect(requests.filter((url) => url !== "data:,")).toEqual([address + name]);
        await page.close();
      }
    },
  );

  it.each(["/run", "/hostile", "/faulty", "/sweep", "/storm"])(
    "is never wider than a phone, with all tables open: %s",
    async (name) => {
      for (const width of [320, 360, 600, 1000]) {
        const { page } = await show(name, width);
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect([width, wide]).toEqual([width, width]);
        await page.close();
      }
    },
  );

  it("keeps every letter of its pictures inside of them, on a screen and on a phone", async () => {
    for (const [name, width] of [
      ["/run", 1000],
      ["/run", 360],
      ["/faulty", 1000],
      ["/faulty", 360],
      ["/sweep", 1000],
      ["/sweep", 320],
      ["/storm", 1000],
      ["/storm", 320],
    ] as const) {
      const { page } = await show(name, width);
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll("svg")].flatMap((svg) => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")]
            .filter((text) => {
              const { left, right, top, bottom } = text.getBoundingClientRect();
              return left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1;
            })
            .map((text) => `${svg.getAttribute("aria-label")}: ${text.textContent}`);
        }),
      );
      expect([name, width, outside]).toEqual([name, width, []]);
      await page.close();
    }
  });

  it("opens the data of every picture from the keyboard", async () => {
    const { page } = await show("/run");
    const count = await page.locator("figure details").count();
    expect(count).toBeGreaterThan(5);
    expect(await page.locator("figure").count()).toBe(count);
    for (let presses = 0; presses < 300; presses++) {
      await page.keyboard.press("Tab");
      const isClosed = await page.evaluate(() => {
        const focused = document.activeElement;
        return focused?.tagName === "SUMMARY" && focused.parentElement?.hasAttribute("open") === false;
      });
      if (isClosed) await page.keyboard.press("Enter");
    }
    expect(await page.locator("details:not([open])").count()).toBe(0);
    expect(await page.locator("figure table").count()).toBe(await page.locator("figure table:visible").count());
    await page.close();
  });

  it("has letters that stand out from what is behind them, in light and dark", async () => {
    for (const scheme of ["light", "dark"] as const) {
      const { page } = await show("/run", 1000, scheme);
      const ratios = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        const luminance = (name: string): number => {
          const hex = style.getPropertyValue(name).trim();
          const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
            const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        return ["--text", "--faint", "--link", "--good", "--bad"].flatMap((ink) =>
          ["--page", "--card"].map((paper) => {
            const [light, dark] = [luminance(ink), luminance(paper)].sort((a, b) => b - a) as [number, number];
            return [ink, paper, (light + 0.05) / (dark + 0.05)] as const;
          }),
        );
      });
      // WCAG 2.2, 1.4.3.
      expect(ratios.filter(([, , ratio]) => !(ratio >= 4.5))).toEqual([]);
      await page.close();
    }
  });

  it("opens from a file, too", async () => {
    const file = `${fs.mkdtempSync(path.join(os.tmpdir(), "condis-sim-page-"))}/page.html`;
    fs.writeFileSync(file, pages.get("/run") ?? "");
    const page = await browser.newPage();
    await page.goto(`file://${file}`);
    expect(await page.title()).toBe("slow-call-manager, seed 1 · condis-sim");
    await page.close();
    fs.rmSync(file.replace("/page.html", ""), { recursive: true });
  });
});

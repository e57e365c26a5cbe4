// Chromium, as people have it, driven from outside. Every page keeps what it complained of.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { endLater } from './cleanup.mjs';

const require = createRequire(new URL('../system/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const CHROMIUM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => existsSync(file));
// The sandbox wants what containers and root do not have.
const ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--mute-audio'];

// `sound`: whether pages may make sound before anybody touched them.
export async function startBrowser({ sound = true, args = [] } = {}) {
  if (!CHROMIUM) throw new Error('There is no Chromium: tools/install test brings it.');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGS, `--autoplay-policy=${sound ? 'no-user-gesture-required' : 'document-user-activation-required'}`, ...args] });
  const ended = endLater(() => browser.close());
  browser.on('disconnected', ended);
  return browser;
}

// A page in a context of its own. `complaints`: what broke a content security policy, dialogs, and scripts that threw.
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('dialog', async (dialog) => {
    page.complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('pageerror', (error) => page.complaints.push(`threw: ${error.message}`));
  page.on('console', (message) => { if (/content security policy/i.test(message.text())) page.complaints.push(message.text()); });
  return page;
}

// A real Chromium, and what is asked of every page in it.
const { chromium } = require('playwright-core');

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the Chromium that `npm test` found or installed. */
async function launchBrowser() {
  const executablePath = process.env.PROYECTA_CHROMIUM;
  if (!executablePath) throw new Error('these tests need Chromium on the PATH (npm test installs one)');
  return chromium.launch({ executablePath, args: FLAGS });
}

/**
 * How much the texts of a page stand out from what is behind them: every text that it shows, but those within `except` (a selector), with its contrast; 4.5 is the least
 * for people who see badly. Texts alike in colour and ground are looked at once.
 */
const contrasts = (page, except) =>
  page.evaluate((left) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgb = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (parts) => {
      const [r, g, b] = parts.slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      const colour = rgb(getComputedStyle(element).backgroundColor);
      return colour[3] > 0 || !element.parentElement ? colour : behind(element.parentElement);
    };
    const texts = [...document.querySelectorAll('body *')].filter(
      (element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
        !element.closest(left) &&
        element.checkVisibility(),
    );
    const seen = new Map();
    for (const element of texts) {
      const colour = getComputedStyle(element).color;
      const ground = behind(element);
      const key = `${colour} ${ground}`;
      if (seen.has(key)) continue;
      const [one, two] = [light(rgb(colour)), light(ground)];
      const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      seen.set(key, { text: element.textContent.trim().slice(0, 40), ratio });
    }
    return { texts: texts.length, found: [...seen.values()] };
  }, except);

module.exports = { contrasts, launchBrowser };

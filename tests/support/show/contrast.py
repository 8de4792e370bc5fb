"""How much a text stands out from its ground, asked in the browser: the formula of WCAG 2.1."""

CONTRAST = """\
const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 };
const numbers = text => text.match(/[0-9.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const ground = e => {
  for (; e; e = e.parentElement) {
    const c = numbers(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
};
const contrast = e => {
  const a = light(numbers(getComputedStyle(e).color)), b = light(ground(e));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};
"""
"""Declares `contrast(element)`, from 1 to 21."""

CONTRAST_MIN = 4.5

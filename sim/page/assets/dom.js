// Building elements. All texts go in as text nodes, never as HTML: names of layers are not trusted.

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === 'style') for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// el('p', {class: 'note', on: {click: f}}, 'text', other)
function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, name), attributes, children);
}

function byId(id) {
  return document.getElementById(id);
}

function readData() {
  return JSON.parse(byId('data').textContent);
}

// Calls draw(width) now and whenever the host's width changes, and at a change of theme.
function drawResponsive(host, draw) {
  let width = 0;
  const redraw = () => {
    if (width > 0) draw(width);
  };
  new ResizeObserver(() => {
    const now = Math.floor(host.clientWidth);
    if (now === width) return;
    width = now;
    redraw();
  }).observe(host);
  document.addEventListener('themechange', redraw);
  return redraw;
}

// One tab stop for a group of elements; arrow keys move within it, Enter or a click acts.
function makeRoving(items, onFocus, onAct) {
  items.forEach((item, i) => {
    item.setAttribute('tabindex', i === 0 ? '0' : '-1');
    item.addEventListener('focus', () => onFocus(i));
    item.addEventListener('click', () => onAct(i));
    item.addEventListener('keydown', (event) => {
      const steps = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1};
      let next = null;
      if (event.key in steps) next = Math.min(items.length - 1, Math.max(0, i + steps[event.key]));
      else if (event.key === 'Home') next = 0;
      else if (event.key === 'End') next = items.length - 1;
      else if (event.key === 'Enter' || event.key === ' ') onAct(i);
      else return;
      event.preventDefault();
      if (next === null) return;
      item.setAttribute('tabindex', '-1');
      items[next].setAttribute('tabindex', '0');
      items[next].focus();
    });
  });
}

// The one tooltip of the page.
const tooltip = {
  node: null,
  anchor: null, // the element that it belongs to, if keys led there
  lines: [],
  show(x, y, lines) {
    this.anchor = null;
    if (!this.node) document.body.append(this.node = el('div', {class: 'tooltip', 'aria-hidden': 'true'}));
    this.node.replaceChildren(...lines.map((line, i) => el(i ? 'div' : 'strong', {}, line)));
    this.node.hidden = false;
    const box = this.node.getBoundingClientRect(), margin = 12;
    const left = x + margin + box.width > innerWidth ? x - box.width - margin : x + margin;
    const top = y + margin + box.height > innerHeight ? y - box.height - margin : y + margin;
    this.node.style.left = `${Math.max(4, left)}px`;
    this.node.style.top = `${Math.max(4, top)}px`;
  },
  showAt(element, lines) {
    const box = element.getBoundingClientRect();
    this.show(box.x + box.width / 2, box.y + box.height / 2, lines);
    this.anchor = element;
    this.lines = lines;
  },
  follow() {
    if (this.anchor && this.anchor === document.activeElement) this.showAt(this.anchor, this.lines);
    else this.hide();
  },
  hide() {
    if (this.node) this.node.hidden = true;
  },
};
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tooltip.hide();
});
document.addEventListener('scroll', () => tooltip.follow(), {passive: true});

// Shows lines(i) beside the pointer while it is over items[i].
function addTooltips(items, lines) {
  items.forEach((item, i) => {
    item.addEventListener('pointermove', (event) => tooltip.show(event.clientX, event.clientY, lines(i)));
    item.addEventListener('pointerleave', () => tooltip.hide());
    item.addEventListener('blur', () => tooltip.hide());
  });
}

// Light, dark, or as the system has it.

const theme = {
  names: ['system', 'light', 'dark'],
  now: 'system',

  read() {
    try {
      const kept = localStorage.getItem('systole-theme');
      if (this.names.includes(kept)) this.now = kept;
    } catch (error) { /* no storage in this browser: the choice lasts as long as the page */ }
  },
  keep() {
    try {
      localStorage.setItem('systole-theme', this.now);
    } catch (error) { /* as above */ }
  },
  apply(button) {
    if (this.now === 'system') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.setAttribute('data-theme', this.now);
    button.textContent = `Theme: ${this.now}`;
    document.dispatchEvent(new Event('themechange'));
  },
  start(button) {
    this.read();
    this.apply(button);
    button.addEventListener('click', () => {
      this.now = this.names[(this.names.indexOf(this.now) + 1) % this.names.length];
      this.keep();
      this.apply(button);
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.apply(button));
  },
};

// A colour of the style sheet, for canvas.
function cssColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

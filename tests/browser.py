"""Uses the pages of systole report as a reader does, in Chromium without a screen and without a network.

usage: browser.py FOLDER, with run.html, cpu.html, long.html, sweep.html, where.html in it. A function named
test_... is a test; its name is a claim. The last line sums up; exit status 1 if any failed."""

import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait


class Browser:
    """One Chromium for all tests; each opens its page anew."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.profile = tempfile.mkdtemp()
        options = Options()
        for argument in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
                         '--disable-background-networking', f'--user-data-dir={self.profile}'):
            options.add_argument(argument)
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
        self.driver = webdriver.Chrome(service=Service(shutil.which('chromedriver')), options=options)
        self.driver.set_page_load_timeout(20)
        self.command('Network.enable')
        self.command('Network.emulateNetworkConditions', offline=True, latency=0, downloadThroughput=0,
                     uploadThroughput=0)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def open(self, page, width=1280, scheme='light'):
        self.command('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1,
                     mobile=width < 600)
        self.command('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}, {'name': 'prefers-reduced-motion', 'value': 'reduce'}])
        self.driver.get(f'{self.folder.as_uri()}/{page}.html')
        WebDriverWait(self.driver, 10).until(lambda d: d.execute_script(
            'return document.querySelectorAll("svg.chart").length > 0'))

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector):
        element = self.one(selector)
        self.run('arguments[0].scrollIntoView({block: "center"})', element)
        element.click()

    def texts(self, selector):
        return self.run('return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)', selector)

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


def number(text):
    return float(text.replace(',', ''))


def column(browser, table, title):
    heads = browser.texts(f'{table} thead th button')
    index = next(i for i, head in enumerate(heads) if head.rstrip(' ▲▼') == title)
    return browser.texts(f'{table} tbody tr:not(.detail-row) > :nth-child({index + 1})')


def press_heading(browser, table, title):
    for button in browser.all(f'{table} thead button'):
        if button.text.rstrip(' ▲▼') == title:
            browser.run('arguments[0].scrollIntoView({block: "center"})', button)
            button.click()
            return
    raise AssertionError(f'no heading {title}')


# ---- A run ----

def test_the_summary_says_what_was_run(browser):
    browser.open('run')
    assert browser.one('h1').text == 'resnet50'
    assert '256 × 256 PEs at 700 MHz' in browser.one('#subtitle').text
    assert len(browser.all('.card')) == 6
    assert 'PEs do useful work' in browser.one('#words').text


def test_a_press_on_a_heading_sorts(browser):
    browser.open('run')
    before = column(browser, '#layer-table', 'cycles')
    press_heading(browser, '#layer-table', 'cycles')
    falling = [number(cell) for cell in column(browser, '#layer-table', 'cycles')]
    assert falling == sorted(falling, reverse=True) and len(falling) == len(before)
    assert browser.one('#layer-table th[aria-sort="descending"]').text.startswith('cycles')
    press_heading(browser, '#layer-table', 'cycles')
    rising = [number(cell) for cell in column(browser, '#layer-table', 'cycles')]
    assert rising == sorted(rising)
    press_heading(browser, '#layer-table', 'cycles')
    assert column(browser, '#layer-table', 'cycles') == before
    press_heading(browser, '#layer-table', 'layer')
    names = column(browser, '#layer-table', 'layer')
    assert names == sorted(names, key=str.lower)


def test_a_search_leaves_the_rows_that_match(browser):
    browser.open('run')
    browser.one('#layer-search').send_keys('L3.0')
    names = column(browser, '#layer-table', 'layer')
    assert names and all(name.startswith('l3.0.') for name in names)
    assert '4 of 56 layers' in browser.one('#layer-table .table-status').text
    browser.one('#layer-search').send_keys('nothing of that kind')
    assert column(browser, '#layer-table', 'layer') == []


def test_a_column_can_be_added_and_taken_away(browser):
    browser.open('run')
    browser.click('#layers .choice summary')
    box = next(label for label in browser.all('#layer-columns label') if label.text == 'tiles')
    box.click()
    tiles = [number(cell) for cell in column(browser, '#layer-table', 'tiles')]
    assert sum(tiles) > 0
    box.click()
    assert 'tiles' not in browser.texts('#layer-table thead button')


def test_a_press_on_a_layer_shows_its_mapping(browser):
    browser.open('run')
    browser.click('.row-button[data-layer="l4.2.conv2"]')
    detail = browser.one('#layer-detail').text
    assert 'tile of M' in detail and 'folds of K' in detail and 'memory bound' in detail
    assert browser.one('.row-button[data-layer="l4.2.conv2"]').get_attribute('aria-expanded') == 'true'
    browser.click('#layer-detail button:last-of-type')
    assert browser.one('#layer-detail h3').text == 'l4.2.conv3'
    browser.click('.row-button[data-layer="l4.2.conv3"]')
    assert not browser.all('#layer-detail')


def test_a_mark_of_the_roofline_leads_to_its_layer(browser):
    browser.open('run')
    marks = browser.all('#roofline-chart .mark')
    with_traffic = [row for row in column(browser, '#layer-table', 'MAC/B') if number(row) > 0]
    assert len(marks) == len(with_traffic)
    browser.run('arguments[0].focus()', marks[0])
    assert browser.one('.tooltip').is_displayed()
    name = marks[0].get_attribute('data-layer')
    browser.keys(Keys.ENTER)
    assert browser.one('#layer-detail h3').text == name


def test_the_cycle_account_adds_up(browser):
    browser.open('run')
    shares = [float(text.split('%')[0]) for text in browser.texts('#account .legend b')]
    assert abs(sum(shares) - 100) < 0.6, shares
    # every column of the chart is full
    full = browser.run('''return [...document.querySelectorAll('#account-chart .column')].every((column) => {
      const rects = [...column.querySelectorAll('rect:not(.outline)')].map((r) => Number(r.getAttribute('height')));
      const outline = Number(column.querySelector('.outline').getAttribute('height'));
      return Math.abs(rects.reduce((a, b) => a + b, 0) - outline) < 0.01;
    })''')
    assert full


def test_the_timeline_zooms_and_moves(browser):
    browser.open('run')

    def span():
        words = browser.one('#timeline-range').text.split(':')[0].split()
        return number(words[1]), number(words[3])

    first, last = span()
    browser.click('#timeline [data-action="in"]')
    inner = span()
    assert inner[1] - inner[0] < 0.6 * (last - first)
    browser.click('#timeline [data-action="right"]')
    assert span()[0] > inner[0]
    browser.run('document.querySelector(".timeline-canvas").focus()')
    browser.keys('+', '+', '+')
    assert span()[1] - span()[0] < 0.2 * (inner[1] - inner[0])
    before = span()
    browser.keys(Keys.ARROW_LEFT)
    assert span()[0] < before[0]
    canvas = browser.one('.timeline-canvas')
    ActionChains(browser.driver).move_to_element(canvas).click_and_hold().move_by_offset(-200, 0).release().perform()
    assert span()[0] > before[0]
    browser.run('document.querySelector(".timeline-canvas").focus()')
    browser.keys(Keys.HOME)
    assert span() == (first, last)


def test_the_timeline_names_what_is_under_the_pointer(browser):
    browser.open('run')
    canvas = browser.one('.timeline-canvas')
    browser.run('arguments[0].scrollIntoView({block: "center"})', canvas)
    ActionChains(browser.driver).move_to_element_with_offset(canvas, 400, -canvas.size['height'] // 2 + 32).perform()
    text = browser.one('#timeline-readout').text
    assert 'cycles' in text and any(name in text for name in browser.texts('.row-button')), text


def test_a_layer_is_shown_in_the_timeline(browser):
    browser.open('run')
    browser.click('.row-button[data-layer="fc"]')
    browser.click('#layer-detail button')
    words = browser.one('#timeline-range').text.split()
    assert number(words[1]) > 500000


def test_the_wavefront_steps_and_plays(browser):
    browser.open('run')
    play, forward = '#wavefront [data-action="play"]', '#wavefront [data-action="next"]'
    start = browser.one('#wavefront-text strong').text
    assert start == 'Cycle 10.'
    browser.click(forward)
    assert browser.one('#wavefront-text strong').text == 'Cycle 11.'
    for _ in range(6):
        browser.click(forward)
    assert '10 of 16 PEs work' in browser.one('#wavefront-text').text
    assert browser.texts('.array .product')[:4] == ['0 + 1·1', '0 + 0·0', '0 + 2·2', '0 + 1·(-1)']
    Select(browser.one('#wavefront-speed')).select_by_visible_text('fast')
    browser.click(play)
    assert 'Pause' in browser.one(play).text
    WebDriverWait(browser.driver, 5).until(lambda d: browser.one('#wavefront-text strong').text not in ('Cycle 17.', 'Cycle 18.'))
    browser.click(play)
    assert 'Play' in browser.one(play).text
    browser.click('#wavefront [data-action="last"]')
    sums = browser.run('''return [...document.querySelectorAll('.matrix:nth-of-type(3) tr')].map((row) => [...row.cells].map((c) => Number(c.textContent)))''')
    a, w = (browser.run('''return [...document.querySelectorAll(`.matrix:nth-of-type(${arguments[0]}) tr`)].map((row) => [...row.cells].map((c) => Number(c.textContent)))''', i) for i in (1, 2))
    assert sums == [[sum(x * w[k][c] for k, x in enumerate(row)) for c in range(4)] for row in a]


def test_one_and_two_weight_registers_are_there_to_compare(browser):
    browser.open('run')
    choice = Select(browser.one('#wavefront-choice'))
    cycles = {}
    for option in choice.options:
        choice.select_by_visible_text(option.text)
        words = browser.one('#wavefront-occupancy p').text.split(';')[1].split()
        cycles[option.text] = int(words[0])
    assert cycles['Three tiles, one weight register'] == 62
    assert cycles['Three tiles, two weight registers'] == 42


def test_the_theme_can_be_chosen(browser):
    browser.open('run', scheme='dark')
    background = 'return getComputedStyle(document.body).backgroundColor'
    dark = browser.run(background)
    browser.click('#theme')
    light = browser.run(background)
    assert browser.one('#theme').text == 'Theme: light' and light != dark
    browser.click('#theme')
    assert browser.one('#theme').text == 'Theme: dark' and browser.run(background) == dark
    browser.open('run', scheme='light')
    assert browser.run(background) == dark, 'the choice is kept'
    browser.click('#theme')
    assert browser.run(background) == light


def test_texts_have_contrast_in_both_themes(browser):
    script = '''
      const luminance = (color) => {
        const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
      return [...document.querySelectorAll('h1, h2, h3, p, a, button:not(:disabled), th, td, label, li, .quiet')].filter((e) => e.offsetParent && e.textContent.trim() && !e.closest('.matrix')).map((e) => {
        const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((x, y) => y - x);
        return [(a + 0.05) / (b + 0.05), e.tagName + ' ' + e.textContent.slice(0, 30)];
      }).filter(([ratio]) => ratio < 4.5)'''
    for scheme in ('light', 'dark'):
        browser.open('run', scheme=scheme)
        weak = browser.run(script)
        assert not weak, (scheme, weak[:5])


def test_everything_is_reached_by_keys_alone(browser):
    browser.open('run')
    browser.run('document.body.focus()')
    seen, charts = [], set()
    for _ in range(140):
        browser.keys(Keys.TAB)
        name, visible, chart = browser.run('''const e = document.activeElement; const s = getComputedStyle(e);
          return [e.id || e.dataset.action || e.dataset.layer || e.dataset.key || e.className.baseVal || e.className || e.tagName,
                  e.matches(':focus-visible'), e.closest('.chart-host')?.id ?? null]''')
        assert visible, name
        seen.append(name)
        if chart:
            charts.add(chart)
        if name == 'wavefront-stage':
            break
    for wanted in ('theme', 'layer-search', 'cycles', 'conv1', 'in', 'timeline-canvas', 'play', 'wavefront-slider', 'wavefront-stage'):
        assert wanted in seen, (wanted, seen)
    assert charts == {'account-chart', 'utilisation-chart', 'roofline-chart', 'traffic-chart'}, charts
    browser.keys(Keys.ARROW_RIGHT)
    assert browser.one('#wavefront-text strong').text == 'Cycle 11.'
    browser.keys(' ')
    assert 'Pause' in browser.one('#wavefront [data-action="play"]').text
    browser.keys(' ')


def test_arrows_move_within_a_chart(browser):
    browser.open('run')
    columns = browser.all('#account-chart .column')
    browser.run('arguments[0].focus()', columns[0])
    browser.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert browser.run('return [...document.querySelectorAll("#account-chart .column")].indexOf(document.activeElement)') == 2
    browser.keys(Keys.END)
    assert browser.run('return document.activeElement === [...document.querySelectorAll("#account-chart .column")].pop()')


def test_every_control_has_a_name(browser):
    for page in ('run', 'sweep'):
        browser.open(page)
        nameless = browser.run('''return [...document.querySelectorAll('button, input, select, [tabindex], [role=button]')].filter((e) =>
          !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map((e) => e.outerHTML.slice(0, 90))''')
        assert not nameless, nameless
        doubles = browser.run('''const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return ids.filter((id, i) => ids.indexOf(id) !== i)''')
        assert not doubles, doubles
        dead = browser.run('''return [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href').slice(1)).filter((id) => !document.getElementById(id))''')
        assert not dead, dead


def test_a_phone_shows_it_without_scrolling_sideways(browser):
    for page in ('run', 'cpu', 'long', 'sweep'):
        browser.open(page, width=360)
        if page != 'sweep':
            browser.click('.row-button')
        for summary in browser.all('details summary'):
            browser.run('arguments[0].parentElement.open = true', summary)
        browser.run('return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
        width = browser.run('return document.documentElement.scrollWidth')
        assert width <= 360, (page, width)
        narrow = browser.run('''return [...document.querySelectorAll('svg.chart')].every((c) => c.clientWidth > 250 && c.clientWidth <= 360)''')
        assert narrow, page


def test_a_cpu_is_shown_when_given(browser):
    browser.open('run')
    assert not browser.one('#cpu').is_displayed()
    browser.open('cpu')
    assert browser.one('#cpu').is_displayed()
    assert 'int8 by plain' in browser.one('#cpu-text').text
    assert browser.texts('#cpu-bars > span:nth-child(3n + 1)') == ['array, int8', 'CPU, int8']
    assert len(browser.all('#cpu-chart .mark')) >= 5


def test_a_long_network_is_drawn_in_summary(browser):
    browser.open('long')
    assert 0 < len(browser.all('#account-chart .column')) <= 700
    assert 'slices of' in browser.one('#timeline-range').text or 'cycle by cycle' in browser.one('#timeline-range').text
    browser.click('#timeline [data-action="window"]')
    for _ in range(4):
        browser.click('#timeline [data-action="in"]')
    assert 'every instruction' in browser.one('#timeline-range').text


# ---- A sweep ----

def test_a_sweep_can_be_filtered(browser):
    browser.open('sweep')
    whole = int(browser.one('#filter-status').text.split()[0])
    assert whole == 72
    details = next(d for d in browser.all('#filter-lists details') if d.text.startswith('network'))
    browser.run('arguments[0].open = true', details)
    details.find_elements(By.CSS_SELECTOR, 'input')[0].click()
    assert int(browser.one('#filter-status').text.split()[0]) == 36
    assert set(column(browser, '#point-table', 'network')) == {'lenet5'}
    browser.one('#limit-to').send_keys('100000')
    assert all(number(cell) <= 100000 for cell in column(browser, '#point-table', 'cycles'))
    browser.click('#filter-clear')
    assert int(browser.one('#filter-status').text.split()[0]) == whole


def test_the_pareto_front_is_that_of_the_points(browser):
    browser.open('sweep')
    browser.click('#front-only')
    shown = set(column(browser, '#point-table', 'id'))
    points = browser.run('''const {columns, rows} = JSON.parse(document.getElementById('data').textContent).points;
      const at = (key) => columns.findIndex((c) => c.key === key);
      return rows.map((row) => ['id', 'network', 'sram_bytes', 'cycles'].map((key) => row[at(key)]))''')
    front = {p[0] for p in points if not any(q[1] == p[1] and q[2] <= p[2] and q[3] <= p[3] and (q[2] < p[2] or q[3] < p[3])
                                             for q in points)}
    assert shown == front, (len(shown), len(front))


def test_the_axes_of_the_scatter_can_be_chosen(browser):
    browser.open('sweep')
    Select(browser.one('#axis-y')).select_by_visible_text('mac_utilisation')
    assert browser.one('#more-y').is_selected(), 'more of it is better'
    assert browser.one('#scatter svg').get_attribute('aria-label').startswith('mac_utilisation over sram_bytes')
    Select(browser.one('#color-by')).select_by_visible_text('array_rows')
    assert browser.texts('#scatter-legend li') == ['4', '8', '16']
    front = browser.all('#scatter .on-front')
    browser.run('arguments[0].focus()', front[0])
    browser.keys(Keys.ENTER)
    assert len(column(browser, '#point-table', 'id')) == 1


def test_refused_points_have_their_reason(browser):
    browser.open('sweep')
    reasons = column(browser, '#refused-table', 'reason')
    assert len(reasons) == 36 and all(reasons), reasons


def test_names_are_texts_and_never_markup(browser):
    browser.open('sweep')
    assert browser.one('h1').text == 'a&b <script>.db'
    browser.open('where')
    assert "'</script><b id=x>'" in browser.one('#subtitle').text
    assert "'</script><b id=x>'" in browser.one('#command').text
    assert not browser.all('#x')


# ---- Both ----

def test_nothing_is_fetched_and_no_script_fails(browser):
    for page in ('run', 'cpu', 'long', 'sweep', 'where'):
        browser.open(page)
        fetched = browser.run('return performance.getEntriesByType("resource").map((r) => r.name).filter((n) => !n.startsWith("data:"))')
        assert not fetched, fetched
    log = [entry for entry in browser.driver.get_log('browser')]
    assert not log, log


def main(folder):
    tests = [(name, test) for name, test in globals().items() if name.startswith('test_')]
    browser = Browser(folder)
    failed = 0
    try:
        for name, test in tests:
            try:
                test(browser)
            except Exception:  # a browser that fails in any way fails the test
                failed += 1
                print(f'FAILED {name}\n{traceback.format_exc()}')
    finally:
        browser.close()
    print(f'check-page: {len(tests) - failed} of {len(tests)} tests in the browser passed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))

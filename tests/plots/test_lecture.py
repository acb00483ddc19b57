"""The lecture as a student gets it: built by one command, whole in one file, turned with keys and buttons.

usage: test_lecture.py FOLDER, in which scripts/lecture has built it."""
import os
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Svg, main, read_csv  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "scripts", "lecture.d"))
from figures import FIGURES  # noqa: E402

FOLDER = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else "lecture"


def page():
    with open(os.path.join(FOLDER, "index.html"), encoding="utf-8") as file:
        return file.read()


class Set(unittest.TestCase):
    def test_every_figure_has_question_picture_caption_and_command(self):
        slides = re.findall(r'<section class="slide" id="figure-(\d+)".*?</section>', page(), re.S)
        self.assertEqual([int(number) for number in slides], list(range(1, len(FIGURES) + 1)))
        self.assertEqual(page().count("<p class=\"command\"><code>systole plot "), len(FIGURES))
        for caption in re.findall(r'<p class="caption">(.*?)</p>', page(), re.S):
            self.assertGreater(len(caption.split()), 15)
            self.assertNotRegex(caption, r"\bnan\b|\binf\b|[{}]")

    def test_every_picture_is_there_with_its_table(self):
        for figure in FIGURES:
            path = os.path.join(FOLDER, figure.file)
            self.assertTrue(read_csv(os.path.splitext(path)[0] + ".csv"), figure.file)
            if path.endswith(".svg"):
                self.assertTrue(Svg(path).says("systole "), figure.file)

    def test_nothing_is_fetched_from_elsewhere(self):
        for source in re.findall(r'(?:src|href)="([^"]*)"', page()):
            self.assertTrue(source.startswith(("data:image/", "#figure-")), source[:60])
        self.assertNotIn("@import", page())


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            from selenium import webdriver
            from selenium.webdriver.chrome.options import Options
            from selenium.webdriver.chrome.service import Service
        except ImportError:
            raise unittest.SkipTest("python3-selenium is not installed")
        if not shutil.which("chromium") or not shutil.which("chromedriver"):
            raise unittest.SkipTest("chromium or chromedriver is not installed")
        cls.profile = tempfile.mkdtemp()
        options = Options()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,800",
                         f"--user-data-dir={cls.profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)

    @classmethod
    def tearDownClass(cls):
        cls.driver.quit()
        shutil.rmtree(cls.profile, ignore_errors=True)

    def open(self, fragment=""):
        self.driver.get("about:blank")
        self.driver.get(f"file://{FOLDER}/index.html{fragment}")

    def shown(self):
        return self.driver.execute_script("return [...document.querySelectorAll('.slide.shown')].map(s => s.id)")

    def press(self, key):
        from selenium.webdriver.common.action_chains import ActionChains
        ActionChains(self.driver).send_keys(key).perform()

    def test_keys_turn_the_pages_and_stop_at_both_ends(self):
        from selenium.webdriver.common.keys import Keys
        self.open()
        self.assertEqual(self.shown(), ["start"])
        for key, page_now in ((Keys.ARROW_LEFT, "start"), (Keys.ARROW_RIGHT, "figure-1"), (Keys.SPACE, "figure-2"),
                              (Keys.PAGE_UP, "figure-1"), (Keys.END, f"figure-{len(FIGURES)}"),
                              (Keys.ARROW_RIGHT, f"figure-{len(FIGURES)}"), (Keys.HOME, "start")):
            self.press(key)
            self.assertEqual(self.shown(), [page_now])

    def test_buttons_links_and_addresses_lead_to_pages(self):
        self.open()
        self.driver.find_element("id", "next").click()
        self.assertEqual(self.shown(), ["figure-1"])
        self.driver.find_element("id", "home").click()
        self.driver.find_element("css selector", "a[href='#figure-3']").click()
        self.assertEqual(self.shown(), ["figure-3"])
        self.open("#figure-5")
        self.assertEqual(self.shown(), ["figure-5"])

    def test_every_page_fits_its_screen_and_shows_its_picture(self):
        for number in range(1, len(FIGURES) + 1):
            self.open(f"#figure-{number}")
            fits, wide, seen = self.driver.execute_script(
                "const s = document.querySelector('.slide.shown'), n = document.querySelector('nav').getBoundingClientRect();"
                "const i = s.querySelector('img'), c = s.querySelector('.command').getBoundingClientRect();"
                "return [c.bottom <= n.top + 1, document.documentElement.scrollWidth <= innerWidth,"
                " i.naturalWidth > 0 && i.getBoundingClientRect().height > 250]")
            self.assertTrue(fits and wide and seen, f"figure {number}: {fits} {wide} {seen}")

    def test_no_script_complains(self):
        self.open()
        self.assertEqual(self.driver.get_log("browser"), [])


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))

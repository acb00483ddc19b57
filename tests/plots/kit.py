"""What the tests of pictures share: running the program, reading its tables, looking into its SVG."""
import csv
import os
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

SYSTOLE = os.path.abspath("systole")
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def systole(*arguments, environment=None, folder=None):
    return subprocess.run([SYSTOLE, *arguments], capture_output=True, text=True, env=environment, cwd=folder, timeout=120)


def read_csv(path):
    """Rows as dictionaries; numbers where all of the text is one."""
    def value(text):
        try:
            return float(text)
        except ValueError:
            return text
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: value(text) for key, text in row.items()} for row in csv.DictReader(file)]


class Svg:
    def __init__(self, path):
        self.root = ElementTree.parse(path).getroot()
        self.title = self.root.find(SVG + "title").text
        self.texts = ["".join(element.itertext()).strip() for element in self.root.iter(SVG + "text")]

    def markers(self, name):
        """Points of a shape (gnuplot draws only those within the axes)."""
        return sum(1 for element in self.root.iter(SVG + "use") if element.get(LINK) == "#" + name)

    def polygons(self):
        return sum(1 for element in self.root.iter(SVG + "polygon"))

    def says(self, text):
        return any(text in one for one in self.texts)


class Case(unittest.TestCase):
    """Each test has a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sa_plots_")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def draw(self, kind, *inputs, name=None):
        """Draws to SVG; the table and the picture."""
        svg = self.path((name or kind) + ".svg")
        done = systole("plot", kind, *inputs, "-o", svg)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        picture = Svg(svg)
        self.assertTrue(picture.says("systole "), "no version")
        return read_csv(svg[:-4] + ".csv"), picture

    def report(self, config, network, *more):
        """Layers and total of a run."""
        done = systole("run", config, network, "--format", "csv", *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        path = self.write("report.csv", done.stdout)
        rows = read_csv(path)
        return [row for row in rows if row["layer"] != "total"], [row for row in rows if row["layer"] == "total"][0]

    def refused(self, words, *arguments, environment=None, leaves=None):
        """The command fails with one message that has all the words, and leaves no file."""
        before = sorted(os.listdir(self.folder)) if leaves is None else leaves
        done = systole(*arguments, environment=environment, folder=self.folder)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before)


def main(module):
    """Runs a module's tests and ends with libcheck's line."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failures, errors = len(result.failures), len(result.errors)
    good = 100 * (result.testsRun - failures - errors) // max(result.testsRun, 1)
    print(f"{good}%: Checks: {result.testsRun}, Failures: {failures}, Errors: {errors}")
    return 0 if result.wasSuccessful() else 1

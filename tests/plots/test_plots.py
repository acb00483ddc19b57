"""Every kind of picture from real runs: are the figures in the table right, are all of them in the picture, does it say
what it shows? And what cannot be drawn: a clear message, nothing left behind."""
import collections
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Case, main, read_csv, systole  # noqa: E402

MACHINE, NETWORK = "array8", "kws-dscnn"
DISC = "gpPt6"  # pointtype 7
CAUSES = ["active", "non_matrix", "drain", "idle", "input_stall", "raw_stall", "accumulator_stall", "weight_stall",
          "weight_shift"]
SWEEP = """config: array16
networks: [kws-dscnn, lenet5]
batches: [1, 2, 4]
parameters:
  array.rows: [4, 8, 16]
  array.cols: [4, 8, 16]
  vector.lanes: array.cols
  unified_buffer.size: [64 KiB, 128 KiB, 256 KiB]
  memory.ports: 1
  memory.bandwidth: [200 MB/s, 400 MB/s]
constraints:
- array.cols >= array.rows / 4
"""
LADDER = {"schema": "systole-ladder", "version": 1, "complete": True, "rungs": [
    {"problem": "sum 10", "rung": "Python loop", "dtype": "fp64", "macs": 10, "seconds": 1.0, "gops": 0.02, "by": "x"},
    {"problem": "gemm 10", "rung": "Python loop", "dtype": "fp64", "macs": 10, "seconds": 1.0, "gops": 0.02, "by": "x"},
    {"problem": "gemm 10", "rung": "C with vectors, AVX2", "dtype": "fp32", "macs": 10, "seconds": 1.0, "gops": 20.0, "by": "x"},
    {"problem": "gemm 10", "rung": "absent", "dtype": "fp32", "macs": 0, "seconds": 0.0, "gops": 0.0, "by": "no such unit"},
    {"problem": "gemm 10", "rung": "array x, simulated", "dtype": "int8", "macs": 10, "seconds": 1.0, "gops": 900.0, "by": "x"}]}


class Runs(Case):
    def test_account_sums_to_100_percent_and_names_machine_and_network(self):
        layers, total = self.report(MACHINE, NETWORK)
        table, picture = self.draw("account", MACHINE, NETWORK)
        self.assertEqual([row["layer"] for row in table],
                         [layer["layer"] for layer in layers if sum(layer["cycles_" + cause] for cause in CAUSES)])
        for row in table:
            self.assertAlmostEqual(sum(row[cause] for cause in CAUSES), 100, places=9)
        self.assertAlmostEqual(table[-1]["end_percent"], 100, places=9)
        for before, after in zip(table, table[1:]):
            self.assertEqual(before["end_percent"], after["begin_percent"])
        self.assertEqual(sum(row["cycles"] for row in table), total["cycles"])
        self.assertTrue(picture.says(f"{NETWORK}, batch 1, on {MACHINE}: 8x8 PEs at 100 MHz"))
        self.assertTrue(picture.says(f"array active {100 * total['cycles_active'] / total['cycles']:.1f} %"))
        self.assertIn("Where every cycle of the array goes", picture.title)

    def test_roofline_draws_every_layer_that_multiplies_within_the_axes_and_the_peak(self):
        layers, total = self.report(MACHINE, NETWORK)
        table, picture = self.draw("roofline", MACHINE, NETWORK)
        points = [row for row in table if row["point"] == "layer"]
        self.assertEqual([row["layer"] for row in points], [layer["layer"] for layer in layers if layer["macs"]])
        for row in points:
            self.assertLessEqual(row["gops"], 2 * 64 * 0.1 * 1.000001)
        whole = [row for row in table if row["point"] == "network"]
        self.assertAlmostEqual(whole[0]["gops"], 2 * total["macs"] / total["time_us"] / 1e3, places=6)
        self.assertEqual(picture.markers(DISC), len(points) + 1)  # and one in the key
        self.assertTrue(picture.says("peak of the array: 12.8 GOP/s"))

    def test_roofline_of_several_networks_names_each(self):
        table, picture = self.draw("roofline", MACHINE, NETWORK, "lenet5", "lstm")
        self.assertEqual({row["series"] for row in table}, {NETWORK, "lenet5", "lstm"})
        for name in (NETWORK, "lenet5", "lstm"):
            self.assertTrue(picture.says(name))

    def test_traffic_adds_up_to_all_bytes_moved(self):
        layers, total = self.report(MACHINE, NETWORK)
        table, picture = self.draw("traffic", MACHINE, NETWORK)
        self.assertEqual(len(table), len(layers))
        moved = sum(value for row in table for key, value in row.items() if key not in ("layer", "number", "label"))
        self.assertEqual(moved, total["dram_read_bytes"] + total["dram_write_bytes"])
        self.assertEqual([row["weights"] for row in table], [layer["weight_bytes"] for layer in layers])
        self.assertTrue(picture.says("weights"))

    def test_timeline_shows_the_instructions_of_the_window_each_where_there_is_room(self):
        done = systole("run", MACHINE, NETWORK, "--trace", self.path("trace"))
        self.assertEqual(done.returncode, 0, done.stderr)
        trace = read_csv(self.path("trace/timeline.csv"))
        table, picture = self.draw("timeline", MACHINE, NETWORK, "--from", "20000", "--to", "40000")
        key = lambda row: (row["unit"], row["start"], row["end"])
        self.assertEqual(sorted(map(key, table)),
                         sorted(key(row) for row in trace if row["start"] < 40000 and row["end"] >= 20000))
        lanes = collections.defaultdict(list)
        for row in table:
            lanes[row["unit"], row["lane"]].append(row)
        for bars in lanes.values():
            for before, after in zip(bars, bars[1:]):
                self.assertLess(before["end"], after["start"])
        self.assertGreaterEqual(picture.polygons(), len(table))
        for unit in ("LOAD", "WLOAD", "MATMUL", "VECTOR"):
            self.assertTrue(picture.says(unit))

    def test_kinds_share_out_all_weights_macs_and_cycles(self):
        _, total = self.report(MACHINE, "mobilenetv1")
        table, picture = self.draw("kinds", MACHINE, "mobilenetv1")
        for share in ("weights_percent", "macs_percent", "cycles_percent"):
            self.assertAlmostEqual(sum(row[share] for row in table), 100, places=9)
        self.assertEqual(sum(row["cycles"] for row in table), total["cycles"])
        self.assertTrue({"depthwise conv", "1x1 conv", "conv", "fc"} <= {row["kind"] for row in table})
        self.assertTrue(picture.says("depthwise conv"))

    def test_instructions_of_the_array_are_those_of_the_program(self):
        done = systole("run", MACHINE, NETWORK, "--trace", self.path("trace"))
        self.assertEqual(done.returncode, 0, done.stderr)
        trace = read_csv(self.path("trace/timeline.csv"))
        _, total = self.report(MACHINE, NETWORK)
        table, _ = self.draw("instructions", MACHINE, NETWORK)
        self.assertEqual(table[-2]["instructions_for_the_network"], len(trace))
        self.assertEqual(table[-1]["instructions_for_the_network"], sum(row["unit"] == "MATMUL" for row in trace))
        self.assertAlmostEqual(table[-1]["macs_per_instruction"] * table[-1]["instructions_for_the_network"], total["macs"],
                               delta=1)

    def test_datatypes_are_in_proportion_to_their_bytes(self):
        table, picture = self.draw("datatypes", MACHINE, NETWORK, "lenet5")
        self.assertEqual(len(table), 6)
        for i in (0, 3):
            int8 = table[i + 2]["weight_bytes"]
            self.assertEqual([row["weight_bytes"] for row in table[i:i + 3]], [4 * int8, 2 * int8, int8])
        for text in ("fp32", "bf16", "int8", NETWORK, "lenet5"):
            self.assertTrue(picture.says(text), text)

    def test_phases_are_per_token(self):
        table, picture = self.draw("phases", "tpu-v1", "gpt2", "gpt2:phase=decode")
        self.assertGreater(table[0]["tokens"], 1)
        self.assertEqual(table[1]["tokens"], 1)
        for row, network in zip(table, ("gpt2", "gpt2:phase=decode")):
            _, total = self.report("tpu-v1", network)
            self.assertAlmostEqual(row["time_us_per_token"] * row["tokens"], total["time_us"], delta=1e-6 * total["time_us"])
            moved = sum(row[key] for key in row if key.endswith("bytes_per_token")) * row["tokens"]
            self.assertAlmostEqual(moved, total["dram_read_bytes"] + total["dram_write_bytes"], delta=1)
            for part in (network.split(":") if ":" in network else (network, "prefill")):
                self.assertTrue(picture.says(part), part)

    def test_machines_have_the_times_of_their_runs(self):
        table, picture = self.draw("machines", "array8", "array16", "edge64", NETWORK)
        for row, machine in zip(table, ("array8", "array16", "edge64")):
            _, total = self.report(machine, NETWORK)
            self.assertEqual(row["machine"], machine)
            self.assertAlmostEqual(row["time_ms"] * 1e3, total["time_us"], delta=1e-6 * total["time_us"])
            self.assertAlmostEqual(row["percent_of_peak"], 100 * total["mac_utilisation"], places=4)
            self.assertTrue(picture.says(machine))


class Cpu(Case):
    def setUp(self):
        super().setUp()
        self.baseline = self.path("base.json")
        done = systole("baseline", "lenet5", "--provider", "plain", "--repeat", "2", "-o", self.baseline)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.baseline, encoding="utf-8") as file:
            self.measured = json.load(file)

    def test_speedup_is_cpu_time_over_array_time(self):
        layers, _ = self.report(MACHINE, "lenet5")
        table, picture = self.draw("speedup", MACHINE, "lenet5", "--baseline", self.baseline)
        times = {layer["layer"]: layer["time_us"] for layer in layers if layer["cycles"]}
        int8 = [run for run in self.measured["runs"] if run["dtype"] == "int8"][0]
        cpu = {layer["layer"]: layer["pass"]["median_s"] * 1e6 for layer in int8["layers"]}
        self.assertEqual({row["layer"] for row in table}, set(times) & set(cpu))
        for row in table:
            self.assertAlmostEqual(row["speedup"] / (cpu[row["layer"]] / times[row["layer"]]), 1, places=5)
        self.assertTrue(picture.says("CPU: "))

    def test_roofline_and_machines_have_the_cpu_beside_the_array(self):
        table, picture = self.draw("roofline", MACHINE, "lenet5", "--baseline", self.baseline)
        self.assertTrue([row for row in table if row["series"] == "cpu"])
        self.assertTrue(picture.says("peak of the CPU"))
        table, _ = self.draw("machines", MACHINE, "lenet5", "--baseline", self.baseline)
        self.assertEqual(table[-1]["machine"], MACHINE)
        self.assertTrue({"CPU, fp32", "CPU, int8"} <= {row["machine"] for row in table})

    def test_a_baseline_of_another_network_is_refused(self):
        self.refused(["lenet5", NETWORK], "plot", "speedup", MACHINE, NETWORK, "--baseline", self.baseline)
        self.refused(["--baseline"], "plot", "speedup", MACHINE, "lenet5")
        self.refused(["--baseline does not go with account"], "plot", "account", MACHINE, "lenet5", "-B", self.baseline)

    def test_ladder_draws_the_rungs_that_were_measured_of_the_gemm(self):
        table, picture = self.draw("ladder", self.write("ladder.json", json.dumps(LADDER)))
        self.assertEqual([row["rung"] for row in table], ["Python loop", "C with vectors, AVX2", "array x, simulated"])
        self.assertEqual([row["times_first"] for row in table], [1, 1000, 45000])
        for row in table:
            self.assertTrue(picture.says(row["rung"]), row["rung"])
        self.refused(["no ladder"], "plot", "ladder", self.write("other.json", "{}"))
        self.refused(["bad.json"], "plot", "ladder", self.write("bad.json", "{"))
        LADDER_OF_NONE = dict(LADDER, rungs=[])
        self.refused(["no rung"], "plot", "ladder", self.write("none.json", json.dumps(LADDER_OF_NONE)))


class Sweeps(Case):
    @classmethod
    def setUpClass(cls):
        cls.store = os.path.abspath("test_plots.db")
        with open("test_plots.yaml", "w", encoding="utf-8") as file:
            file.write(SWEEP)
        done = systole("sweep", "test_plots.yaml", "-o", cls.store)
        assert done.returncode == 0, done.stderr
        database = sqlite3.connect(cls.store)
        database.row_factory = sqlite3.Row
        cls.points = [dict(row) for row in database.execute("SELECT * FROM result")]
        database.close()

    @classmethod
    def tearDownClass(cls):
        for name in ("test_plots.yaml", "test_plots.db"):
            os.unlink(name)

    def best(self, per, keep=lambda point: True):
        """The fastest point of each group."""
        found = {}
        for point in filter(keep, self.points):
            key = tuple(point[name] for name in per)
            if key not in found or point["cycles"] < found[key]["cycles"]:
                found[key] = point
        return found

    def test_utilisation_is_that_of_the_best_square_array_of_each_size(self):
        table, picture = self.draw("utilisation", self.store)
        best = self.best(("network", "batch", "array_rows"), lambda point: point["array_rows"] == point["array_cols"])
        self.assertEqual(len(table), len(best))
        for row in table:
            point = best[row["network"], row["batch"], row["size"]]
            self.assertAlmostEqual(row["mac_utilisation"], point["mac_utilisation"], places=12)
        self.assertEqual(picture.markers(DISC), len(table))
        for name in ("lenet5, batch 1", "kws-dscnn, batch 4"):
            self.assertTrue(picture.says(name))

    def test_bandwidth_buffer_and_batch_draw_all_their_points(self):
        for kind, column, panels in (("bandwidth", "memory_bandwidth", 1), ("buffer", "unified_buffer_size", 2),
                                     ("batch", None, 2)):
            per = ("network", "batch") + ((column,) if column else ())
            table, picture = self.draw(kind, self.store)
            best = self.best(per)
            self.assertEqual(len(table), len(best), kind)
            name = {"bandwidth": "bytes_per_s", "buffer": "buffer_bytes"}.get(kind)
            for row in table:
                point = best[(row["network"], row["batch"]) + ((row[name],) if name else ())]
                self.assertAlmostEqual(row["time_us"], point["time_us"], places=6)
            self.assertEqual(picture.markers(DISC), panels * len(table), kind)

    def test_heatmap_has_a_cell_for_each_array_of_one_network(self):
        choice = "network = 'lenet5' AND batch = 2"
        table, picture = self.draw("heatmap", self.store, "--where", choice)
        best = self.best(("array_rows", "array_cols"), lambda point: point["network"] == "lenet5" and point["batch"] == 2)
        self.assertEqual({(row["rows"], row["cols"]) for row in table}, set(best))
        for row in table:
            self.assertAlmostEqual(row["mac_utilisation_percent"], 100 * best[row["rows"], row["cols"]]["mac_utilisation"],
                                   places=9)
        self.assertGreaterEqual(picture.polygons(), len(table))
        self.refused(["one network", "--where"], "plot", "heatmap", self.store)

    def test_pareto_front_is_not_beaten_by_any_point(self):
        table, picture = self.draw("pareto", self.store, "--where", "network = 'lenet5' AND batch = 1")
        points = [(row["x"], row["y"]) for row in table if not row["front"]]
        front = {(row["x"], row["y"]) for row in table if row["front"]}
        beaten = lambda p: any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in points)
        self.assertEqual(front, {p for p in points if not beaten(p)})
        self.assertEqual(picture.markers(DISC), len(table) + 2)  # and two in the key
        self.assertTrue(picture.says(f"front: {len([r for r in table if r['front']])} points"))

    def test_a_sweep_file_is_run_at_once(self):
        sweep = self.write("small.yaml", "config: array8\nnetworks: [lenet5]\nparameters:\n  array.rows: [4, 8]\n"
                                         "  array.cols: array.rows\n  vector.lanes: array.cols\n")
        table, _ = self.draw("utilisation", sweep)
        self.assertEqual([row["size"] for row in table], [4, 8])

    def test_what_a_store_does_not_hold_is_said(self):
        self.refused(['no column "sram_byte"', "sram_bytes"], "plot", "pareto", self.store, "--x", "sram_byte")
        self.refused(["column network is text"], "plot", "pareto", self.store, "--y", "network")
        self.refused(["filter"], "plot", "pareto", self.store, "--where", "cycles <")
        self.refused(["nothing to draw", "no point is left"], "plot", "pareto", self.store, "--where", "cycles < 0")
        self.refused(["memory.bandwidth is the same"], "plot", "bandwidth", self.store, "--where",
                     "memory_bandwidth = 200000000")

    def test_an_empty_store_and_a_figure_that_is_not_finite_are_refused(self):
        copy = self.path("copy.db")
        shutil.copy(self.store, copy)
        database = sqlite3.connect(copy)
        database.execute("UPDATE total SET time_us = 9e999 WHERE point = (SELECT min(point) FROM total)")
        database.commit()
        self.refused(["y of row", "inf", "no finite number"], "plot", "pareto", copy)
        database.execute("DELETE FROM layer")
        database.execute("DELETE FROM total")
        database.execute("DELETE FROM point")
        database.commit()
        database.close()
        for kind in ("pareto", "utilisation", "heatmap"):
            self.refused(["nothing to draw", "the store holds no simulated point"], "plot", kind, copy)


class Array(Case):
    def table_of(self, kind, *more):
        return self.draw(kind, "array4", *more)

    def test_wavefront_has_the_products_sums(self):
        table, picture = self.table_of("wavefront")
        ifmap = [[1, 2, 3, 4], [2, 0, 1, 1], [0, 1, 2, 3], [1, 1, 1, 1], [3, 2, 1, 0], [2, 4, 0, 1]]
        filters = [[1, 0, 2, -1], [0, 1, 1, 2], [2, 1, 0, 1], [-1, 2, 1, 0]]
        sums = {(row["r"], row["c"]): row["below"] for row in table if row["what"] == "sum"}
        self.assertEqual(sums, {(m, n): sum(ifmap[m][k] * filters[k][n] for k in range(4)) for m in range(6) for n in range(4)})
        work = [row for row in table if row["what"] == "pe" and row["row"] >= 0]
        self.assertEqual(len(work), 6 * 16)
        for row in work:
            self.assertEqual(row["below"], row["above"] + row["input"] * row["weight"])
        self.assertGreaterEqual(picture.polygons(), len(work))

    def test_two_weight_registers_end_before_one(self):
        table, picture = self.table_of("registers")
        last = {m: max(row["cycle"] for row in table if row["what"] == "sum" and row["machine"] == m) for m in (1, 2)}
        self.assertLess(last[2], last[1])
        for m in (1, 2):
            self.assertTrue(picture.says(f"done in cycle {last[m]:.0f}"))

    def test_a_film_and_frames_have_a_picture_a_cycle(self):
        done = systole("plot", "wavefront", "array4", "-o", self.path("w.gif"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        cycles = {row["cycle"] for row in read_csv(self.path("w.csv")) if row["what"] == "pe"}
        with open(self.path("w.gif"), "rb") as file:
            film = file.read()
        self.assertTrue(film.startswith(b"GIF89a"))
        frames = re.findall(rb"\x21\xf9\x04.{4}\x00\x2c.{8}(.)", film, re.S)
        self.assertEqual(len(frames), len(cycles))
        self.assertTrue(all(packed[0] & 0x80 for packed in frames[1:]), "a frame in the first one's colours")
        done = systole("plot", "wavefront", "array4", "--set", "array.rows=2", "--set", "array.cols=2", "--frames", "-o",
                       self.path("f.svg"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        cycles = {row["cycle"] for row in read_csv(self.path("f.csv")) if row["what"] == "pe"}
        frames = sorted(name for name in os.listdir(self.folder) if name.startswith("f-"))
        self.assertEqual(frames, [f"f-{int(cycle):03d}.svg" for cycle in sorted(cycles)])

    def test_what_is_too_large_to_be_seen_is_refused(self):
        self.refused(["32 x 32 PEs", "64"], "plot", "wavefront", "array32")
        self.refused([".gif"], "plot", "account", MACHINE, NETWORK, "-o", "x.gif")


class Files(Case):
    def test_png_and_pdf_have_their_sizes(self):
        for ending in ("png", "pdf"):
            done = systole("plot", "account", MACHINE, "lenet5", "-o", self.path("a." + ending))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(self.path("a.png"), "rb") as file:
            self.assertEqual(struct.unpack(">II", file.read()[16:24]), (1280, 720))
        with open(self.path("a.pdf"), "rb") as file:
            self.assertTrue(file.read().startswith(b"%PDF"))

    def test_names_are_texts_to_gnuplot_and_never_commands(self):
        name = "a'b\"c `touch one` $(touch two) & <d>, | touch three"
        models = os.environ.get("SYSTOLE_MODELS") or os.path.join(os.environ.get("srcdir", ".."), "models")
        shutil.copy(os.path.join(models, "net", "lenet5.yaml"), self.path(name + ".yaml"))
        done = systole("plot", "account", MACHINE, "./" + name + ".yaml", "-o", "| touch four.svg", folder=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(sorted(os.listdir(self.folder)), sorted([name + ".yaml", "| touch four.svg", "| touch four.csv"]))
        done = systole("plot", "roofline", MACHINE, "./" + name + ".yaml", "lenet5", "-o", "r.svg", folder=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual({row["series"] for row in read_csv(self.path("r.csv"))}, {name, "lenet5"})

    def test_without_gnuplot_the_message_says_so_and_nothing_is_left(self):
        environment = dict(os.environ, PATH=self.folder)
        self.refused(["gnuplot is not installed", "gnuplot-nox"], "plot", "account", MACHINE, "lenet5", environment=environment)

    def test_a_gnuplot_that_fails_leaves_nothing(self):
        tool = self.write("gnuplot", "#!/bin/sh\necho 'line 3: no such thing' >&2\nexit 3\n")
        os.chmod(tool, 0o755)
        environment = dict(os.environ, PATH=self.folder + ":" + os.environ["PATH"])
        self.refused(["status 3", "line 3: no such thing"], "plot", "account", MACHINE, "lenet5", environment=environment)

    def test_what_cannot_be_written_is_said(self):
        self.refused(["no/such"], "plot", "account", MACHINE, "lenet5", "-o", "no/such/a.svg")
        self.refused([".png, .svg, .pdf"], "plot", "account", MACHINE, "lenet5", "-o", "a.jpg")

    def test_wrong_kinds_and_inputs_are_refused(self):
        self.refused(['"acount"', 'did you mean "account"'], "plot", "acount", MACHINE, "lenet5")
        self.refused(["account takes CONFIG NETWORK"], "plot", "account", MACHINE)
        self.refused(["two"], "plot", "phases", MACHINE, "lenet5")
        self.refused(["--from is 999999999", "cycles"], "plot", "timeline", MACHINE, "lenet5", "--from", "999999999")
        self.refused(["--to is 5", "--from"], "plot", "timeline", MACHINE, "lenet5", "--from", "10", "--to", "5")

    def test_no_folder_stays_behind_in_tmp(self):
        environment = dict(os.environ, TMPDIR=self.folder)
        done = systole("plot", "account", MACHINE, "lenet5", "-o", self.path("a.svg"), environment=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.csv", "a.svg"])

    def test_every_kind_is_in_the_help(self):
        text = subprocess.run([os.path.abspath("systole"), "plot", "--help"], capture_output=True, text=True, check=True).stdout
        for kind in ("roofline", "account", "wavefront", "pareto", "ladder"):
            self.assertIn(f"  {kind}: ", text)


class Gallery(unittest.TestCase):
    def test_the_gallery_shows_every_kind_and_its_columns(self):
        docs = os.path.join(os.environ.get("srcdir", ".."), "docs")
        with open(os.path.join(docs, "gallery.md"), encoding="utf-8") as file:
            page = file.read()
        text = systole("plot", "--help").stdout
        kinds = [line.split(":")[0].strip() for line in text.split("KIND:\n")[1].split("\n\n")[0].splitlines()]
        self.assertGreaterEqual(len(kinds), 19)
        for kind in kinds:
            self.assertIn(f"## {kind}\n", page)
            self.assertTrue(os.path.exists(os.path.join(docs, "gallery", kind + ".png")), kind)
        table = systole("plot", "account", MACHINE, "lenet5", "-o", "gallery_test.svg")
        self.assertEqual(table.returncode, 0)
        with open("gallery_test.csv", encoding="utf-8") as file:
            columns = file.readline().strip().split(",")
        self.assertIn("Columns: " + ", ".join(f"`{column}`" for column in columns), page)
        os.unlink("gallery_test.svg")
        os.unlink("gallery_test.csv")


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))

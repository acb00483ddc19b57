"""The figures of the lecture in their order: a question, the command that answers it, a caption made from its table."""
from dataclasses import dataclass
from typing import Callable

CPU_NETWORK = "resnet50"
FPGA = "ice40.yaml"

# What is measured before: (what it says, arguments). The lecture also writes FPGA: array8 cut down to the array that
# scripts/synth placed on an iCE40, at the clock that it found there.
PREPARATIONS = [
    ("climbing the ladder on this computer's CPU", ["baseline", "--ladder", "--format", "json", "-o", "ladder.json"]),
    (f"measuring {CPU_NETWORK} on this computer's CPU", ["baseline", CPU_NETWORK, "--provider", "onednn,vector", "--seconds", "2", "-o", "cpu.json"]),
]


# A caption is made of the picture's table and, if there is one, of what scripts/synth said of the FPGA.
@dataclass
class Figure:
    question: str
    alt: str
    arguments: list
    caption: Callable

    @property
    def file(self):
        return self.arguments[self.arguments.index("-o") + 1]


def figure(question, alt, command, caption):
    return Figure(question, alt, command.split(), caption)


def times(factor):
    return f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}"


def by(table, key, value):
    return next(row for row in table if row[key] == value)


def ladder(table, _):
    first, best = table[0], max((row for row in table if not row["array"]), key=lambda row: row["gops"])
    top = max(table, key=lambda row: row["gops"])
    return (f"The same products every time. {best['rung']} is {times(best['gops'] / first['gops'])} times as fast as the "
            f"{first['rung']} on the same processor; {top['rung']}, is another {times(top['gops'] / best['gops'])} times faster. "
            "Each step spends fewer instructions, or fewer bits, on a multiplication.")


def instructions(table, _):
    scalar, matmul = table[0], table[-1]
    return ("A processor fetches, decodes and schedules an instruction for every few products. One MATMUL of the array streams "
            f"many rows and stands for {times(matmul['macs_per_instruction'])} products: "
            f"{matmul['instructions_for_the_network']:,.0f} of them do the work of "
            f"{scalar['instructions_for_the_network'] / 1e9:.1f} billion scalar instructions.")


def wavefront(table, _):
    rows = 1 + max(row["row"] for row in table)
    cycles = 1 + max(row["cycle"] for row in table if row["what"] == "sum") - min(row["cycle"] for row in table if row["what"] == "pe")
    return (f"Weights stay, activations move right, sums move down. A PE (row, column) begins one cycle after its neighbours "
            f"above and to the left, so work runs through the array as a diagonal front. The {rows:.0f} rows take {cycles:.0f} "
            "cycles from the first weight to the last sum: fill and drain are paid once, however many rows there are.")


def film(table, _):
    return ("The same in numbers to be checked by hand: in every PE the activation times the weight, plus the sum from above. "
            "Sums leave at the bottom and are the product of the two matrices.")


def registers(table, _):
    last = {m: max(row["cycle"] for row in table if row["what"] == "sum" and row["machine"] == m) for m in (1, 2)}
    return (f"With one weight register the array drains before new weights may enter: done in cycle {last[1]:.0f}. A second "
            f"register takes the next weights while the first one works, and the wavefront changes over PE by PE: done in cycle "
            f"{last[2]:.0f}.")


def convolutions(table, _):
    conv = [row for row in table if "conv" in row["kind"]]
    fc = by(table, "kind", "fc")
    return (f"Convolutions hold {sum(row['weights_percent'] for row in conv):.0f} % of the weights and do "
            f"{sum(row['macs_percent'] for row in conv):.0f} % of the multiplications, since each weight meets every position of the "
            f"picture; a fully connected layer uses a weight once an image ({fc['weights_percent']:.0f} % of the weights, "
            f"{fc['macs_percent']:.1f} % of the MACs).")


def traffic(table, _):
    total = sum(value for row in table for key, value in row.items() if key not in ("layer", "number", "label"))
    late = sum(value for row in table[len(table) // 2:] for key, value in row.items() if key not in ("layer", "number", "label"))
    return (f"Between its first and last layer the network's activations never leave the chip: {100 * sum(row['weights'] for row in table) / total:.0f} % "
            f"of all bytes are weights. The second half of the layers, small pictures with many channels, moves {100 * late / total:.0f} %.")


def buffer(table, _):
    rows = [row for row in table if row["network"] == "resnet50"]
    small, large = min(rows, key=lambda r: r["buffer_bytes"]), max(rows, key=lambda r: r["buffer_bytes"])
    moved = lambda row: row["dram_read_bytes"] + row["dram_write_bytes"]
    return (f"With {small['buffer_bytes'] / 2**20:.0f} MiB ResNet-50's tensors are written out and read back, or weights fetched again: "
            f"{times(moved(small) / moved(large))} times the traffic of {large['buffer_bytes'] / 2**20:.0f} MiB and "
            f"{times(small['time_us'] / large['time_us'])} times the time. Once everything fits, more memory buys nothing.")


def utilisation(table, _):
    small = [row for row in table if row["network"] == "kws-dscnn"]
    big = [row for row in table if row["network"] == "resnet50"]
    at = lambda rows, size: 100 * by(rows, "size", size)["mac_utilisation"]
    return (f"A layer of 64 channels fills 64 columns, whatever the array has. ResNet-50 keeps {at(big, 32):.0f} % of a 32 x 32 array "
            f"busy and {at(big, 256):.0f} % of 256 x 256 (there it also waits for weights); the keyword spotter falls from "
            f"{at(small, 8):.0f} % of 8 x 8 to {at(small, 256):.1f} %.")


def heatmap(table, _):
    at = lambda r, c: next(row["mac_utilisation_percent"] for row in table if row["rows"] == r and row["cols"] == c)
    return (f"Rows hold the reduction (channels times kernel), columns the output channels. 256 x 16 reaches {at(256, 16):.0f} %, "
            f"16 x 256 {at(16, 256):.0f} %: equal numbers of PEs, different fits. Both run out of bandwidth at 256 x 256.")


def roofline(table, _):
    networks = [row for row in table if row["point"] == "network"]
    least = min(networks, key=lambda row: row["intensity"])
    most = max(networks, key=lambda row: row["intensity"])
    return (f"{least['series']} multiplies {least['intensity']:.1f} times per byte and hangs on the memory's slope; {most['series']} does "
            f"{most['intensity']:.0f}. A point below both roofs has another reason: a shape that does not fill the array, or latencies "
            "that nothing hides.")


def account(table, _):
    cycles = sum(row["cycles"] for row in table)
    share = lambda cause: sum(row[cause] * row["cycles"] for row in table) / cycles
    return (f"Every cycle has one cause. Rows enter the array in {share('active'):.0f} % of them; {share('weight_stall') + share('weight_shift'):.0f} % "
            "wait for weights, above all in the last layers, where few positions share a weight. A larger batch, or more bandwidth, "
            "is what helps here, not a larger array.")


def batch(table, _):
    rows = sorted((row for row in table if row["network"] == "mlp"), key=lambda row: row["batch"])
    first, last = rows[0], rows[-1]
    images = sorted((row for row in table if row["network"] == "resnet50"), key=lambda row: row["batch"])
    top = max(images, key=lambda row: row["mac_utilisation"])
    return (f"A batch fetches each weight once for all its members. The MLP's utilisation grows {times(last['mac_utilisation'] / first['mac_utilisation'])} "
            f"times from batch {first['batch']:.0f} to {last['batch']:.0f}, while the batch takes {times(last['time_us'] / first['time_us'])} times as long. "
            f"ResNet-50, which uses a weight many times an image, goes from {100 * images[0]['mac_utilisation']:.0f} % to {100 * top['mac_utilisation']:.0f} % at batch "
            f"{top['batch']:.0f}. Each user waits for the whole batch.")


def phases(table, _):
    prefill, decode = table
    return (f"The prefill sends {prefill['tokens']:.0f} tokens through each weight, decode one: {decode['weight_bytes_per_token'] / 2**20:.0f} MiB "
            f"of weights per token instead of {prefill['weight_bytes_per_token'] / 2**20:.1f}. Decode takes "
            f"{times(decode['time_us_per_token'] / prefill['time_us_per_token'])} times as long a token and uses {decode['mac_utilisation_percent']:.1f} % of the array.")


def datatypes(table, _):
    rows = table[-3:]
    return (f"Where the memory binds, bytes are time. {rows[0]['network']} needs {rows[0]['read_ms']:.0f} ms only to read its weights in fp32, "
            f"{rows[2]['read_ms']:.0f} ms in int8: a quarter, before the smaller multipliers are even counted.")


def machines(table, fpga):
    cpu = [row for row in table if row["machine"].startswith("CPU")]
    best = min(cpu, key=lambda row: row["time_ms"])
    arrays = [row for row in table if not row["machine"].startswith("CPU")]
    fast = min(arrays, key=lambda row: row["time_ms"])
    built = ""
    if fpga:
        row, total = by(arrays, "machine", "ice40"), by(fpga["blocks"], "block", "total")
        built = (f"Placed and routed on an iCE40 FPGA an array of {fpga['array']} with its accumulators takes {total['luts']} LUTs and "
                 f"{total['block_rams']} block RAMs, runs at {fpga['clock_mhz']:.0f} MHz, and would need {row['time_ms'] / 1e3:.0f} s. ")
    small = next(row for row in arrays if row["machine"] == "array8")
    return (f"{built}The array {small['what']} reaches {small['percent_of_peak']:.0f} % of its own peak and needs {small['time_ms']:.0f} ms; this computer's CPU "
            f"needs {best['time_ms']:.1f} ms with {best['machine'][5:]} ({best['what']}), {fast['machine']} {fast['time_ms']:.2f} ms. "
            "A share of peak says how well a machine is used, not how fast it is.")


def speedup(table, _):
    fast, slow = max(table, key=lambda row: row["speedup"]), min(table, key=lambda row: row["speedup"])
    return (f"Time on the CPU over time on the array, layer by layer: from {slow['speedup']:.2f} ({slow['layer']}) to {fast['speedup']:.0f} "
            f"({fast['layer']}). The mean of such a column says little; the whole network's line is what a user gets.")


def depthwise(table, _):
    rows = by(table, "kind", "depthwise conv")
    return (f"A depthwise channel meets one filter: of a tile only the diagonal is occupied. {rows['macs_percent']:.0f} % of MobileNet's "
            f"multiplications take {rows['cycles_percent']:.0f} % of its cycles, at {100 * rows['utilisation']:.2f} % MAC utilisation. Fewer operations "
            "are not less time on every machine.")


def pareto(table, _):
    front = [row for row in table if row["front"]]
    return (f"Of {len(table) - len(front)} machines {len(front)} are worth building: every other one is beaten by some machine that is no larger and "
            "no slower. The front is steep first, then flat: the last MiB buys least.")


FIGURES = [
    figure("What does a weighted sum cost in Python, C, SIMD, a matrix unit, an array?",
           "bars: operations per second of each rung of the ladder, logarithmic",
           "plot ladder ladder.json -o ladder.svg", ladder),
    figure("Software's instructions or dedicated hardware?",
           "bars: multiply-accumulates per instruction, logarithmic",
           "plot instructions tpu-v1 resnet50 -o instructions.svg", instructions),
    figure("How does a systolic array work?",
           "space-time diagram: each PE of a 4 x 4 array by cycle",
           "plot wavefront array4 -o wavefront.svg", wavefront),
    figure("What is in each PE in each cycle?",
           "film: the numbers in each PE, cycle by cycle",
           "plot wavefront array4 -o wavefront-film.gif", film),
    figure("Why has a PE two weight registers?",
           "space-time diagrams with one and with two weight registers",
           "plot registers array4 -o registers.svg", registers),
    figure("Why are convolutions heavy?",
           "bars: shares of weights, MACs and cycles by kind of layer",
           "plot kinds tpu-v2 alexnet -o convolutions.svg", convolutions),
    figure("Which bytes move?",
           "stacked bars: DRAM traffic of each layer by tensor",
           "plot traffic tpu-v1 resnet50 -o traffic.svg", traffic),
    figure("What does on-chip memory buy?",
           "lines: traffic and time against the unified buffer's size",
           "plot buffer buffer-sizes -o buffer.svg", buffer),
    figure("Why do small networks not fill big arrays?",
           "lines: MAC utilisation against array size for four networks",
           "plot utilisation array-sizes -o utilisation.svg", utilisation),
    figure("Which shape should the array have?",
           "heat map: MAC utilisation by rows and columns",
           "plot heatmap array-shapes -o heatmap.svg", heatmap),
    figure("Where are CNN, RNN and transformer on the roofline?",
           "roofline with the layers of four networks",
           "plot roofline tpu-v1 resnet50 gnmt bert-base mobilenetv2 -o roofline.svg", roofline),
    figure("Where do the cycles go?",
           "stacked columns: causes of each layer's cycles",
           "plot account tpu-v1 resnet50 -o account.svg", account),
    figure("What does a batch gain, and what does it cost?",
           "lines: utilisation and latency against batch size",
           "plot batch batches -o batch.svg", batch),
    figure("Why is generating text slower than reading it?",
           "bars: utilisation, time and bytes per token of prefill and decode",
           "plot phases tpu-v2 llama2-7b llama2-7b:phase=decode -o phases.svg", phases),
    figure("What does int8 buy in bytes?",
           "bars: bytes of weights in fp32, bf16 and int8",
           "plot datatypes tpu-v1 mobilenetv2 resnet50 bert-base llama2-7b -o datatypes.svg", datatypes),
    figure("CPU, FPGA, edge array, TPU v1, TPU v2?",
           "bars: time of ResNet-50 on each machine",
           f"plot machines {FPGA} array8 array32 edge64 tpu-v1 tpu-v2 resnet50 --baseline cpu.json -o machines.svg", machines),
    figure("Which layers gain most over the CPU?",
           "bars: speed-up of each layer over the CPU, logarithmic",
           "plot speedup tpu-v1 resnet50 --baseline cpu.json -o speedup.svg", speedup),
    figure("Why do depthwise convolutions disappoint?",
           "bars: shares of weights, MACs and cycles by kind of layer",
           "plot kinds tpu-v1 mobilenetv1 -o depthwise.svg", depthwise),
    figure("Which machine would you build?",
           "scatter: time against memory of all machines, with the Pareto front",
           "plot pareto array-shapes -o pareto.svg", pareto),
]

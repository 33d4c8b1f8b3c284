#!/usr/bin/env python3
"""PyTorch on the shapes of bench_forward_cuda.cu, on the GPU, in float32 without TF32.

    python3 tests/bench/peers/pytorch_forward.py [OUT.json]

Three ways in which its users write a layer of routed experts:
  loop      for each touched expert: pick its inputs, run its layers, put the outputs back
  bmm       groups padded to the largest one, a batched product per layer
  compiled  the same through torch.compile
The expert of every input is given, grouping is part of each way: to be compared with a kernel's row
plus the row of grouping of bench_forward_cuda, on the same device. Inputs, outputs and all experts
stay on the device. Prints and writes microseconds and nanoseconds per input of a pass, the median of
10 times 4 passes in a row. The three agree before any is timed. Exit code 77 where there is no GPU.
"""

import json
import statistics
import sys

import torch

# n, hidden layers, width, experts L, batch B
SHAPES = [
    (2, 2, 16, 4096, 65536),
    (8, 2, 32, 64, 65536),
    (8, 2, 32, 1024, 65536),
    (8, 2, 32, 4096, 65536),
    (8, 2, 64, 1024, 65536),
    (8, 2, 32, 1024, 1048576),
    (8, 2, 256, 16, 4096),
    (64, 3, 256, 64, 8192),
]
WARM_UPS = 5
REPETITIONS = 10
IN_A_ROW = 4
TOLERANCE = 1e-5  # relative, between the ways


def make_model(n, hidden, width, experts):
    """Weights [L, in, out] and biases [L, 1, out] of every layer."""
    widths = [n] + [width] * hidden + [1]
    scale = 2 / max(widths) ** 0.5
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        weight = scale * (torch.rand(experts, inputs, outputs, device="cuda") - 0.5)
        bias = scale * (torch.rand(experts, 1, outputs, device="cuda") - 0.5)
        layers.append((weight, bias))
    return layers


def run_loop(layers, x, expert_of):
    """One expert after the other; the rows of each are found by one sort."""
    y = torch.empty(x.shape[0], 1, device=x.device)
    order = torch.argsort(expert_of)
    counts = torch.bincount(expert_of, minlength=layers[0][0].shape[0]).tolist()
    for expert, rows in enumerate(order.split(counts)):
        if not counts[expert]:
            continue
        h = x.index_select(0, rows)
        for j, (weight, bias) in enumerate(layers):
            h = torch.addmm(bias[expert], h, weight[expert])
            if j + 1 < len(layers):
                h = torch.relu(h)
        y.index_copy_(0, rows, h)
    return y


def pad(x, expert_of, experts):
    """Inputs [L, largest group, n] and where each row of the batch stands in it."""
    order = torch.argsort(expert_of, stable=True)
    sorted_experts = expert_of[order]
    counts = torch.bincount(expert_of, minlength=experts)
    starts = torch.cumsum(counts, 0) - counts
    place = torch.arange(len(order), device=x.device) - starts[sorted_experts]
    padded = x.new_zeros(experts, int(counts.max()), x.shape[1])
    padded[sorted_experts, place] = x[order]
    return padded, order, sorted_experts, place


def padded_layers(layers, h):
    """All experts at once."""
    for j, (weight, bias) in enumerate(layers):
        h = torch.baddbmm(bias, h, weight)
        if j + 1 < len(layers):
            h = torch.relu(h)
    return h


def run_bmm(layers, x, expert_of, evaluate=padded_layers):
    """Pads, evaluates, and puts the outputs back in order."""
    padded, order, sorted_experts, place = pad(x, expert_of, layers[0][0].shape[0])
    y = torch.empty(x.shape[0], 1, device=x.device)
    y[order] = evaluate(layers, padded)[sorted_experts, place]
    return y


def microseconds(call):
    """Median time of a call, of some in a row: what the host can do ahead is hidden."""
    for _ in range(WARM_UPS):
        call()
    times = []
    for _ in range(REPETITIONS):
        begin = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(IN_A_ROW):
            call()
        end.record()
        end.synchronize()
        times.append(1e3 * begin.elapsed_time(end) / IN_A_ROW)
    return statistics.median(times)


def measure(shape):
    """One row of the table for each way."""
    n, hidden, width, experts, batch = shape
    layers = make_model(n, hidden, width, experts)
    x = torch.rand(batch, n, device="cuda")
    expert_of = torch.randint(experts, (batch,), device="cuda")
    torch.compiler.reset()  # else the second shape compiles for sizes that vary, the ninth not at all
    compiled = torch.compile(padded_layers, dynamic=False)
    ways = {
        "loop": lambda: run_loop(layers, x, expert_of),
        "bmm": lambda: run_bmm(layers, x, expert_of),
        "compiled": lambda: run_bmm(layers, x, expert_of, compiled),
    }
    name = f"float32/n:{n}/depth:{hidden + 1}/width:{width}/experts:{experts}/batch:{batch}"
    reference = ways["loop"]()
    rows = []
    for way, call in ways.items():
        difference = float(torch.linalg.norm(call() - reference) / torch.linalg.norm(reference))
        if difference > TOLERANCE:
            raise SystemExit(f"{way} {name} is off by {difference:.3g}")
        time = microseconds(call)
        rows.append({"name": f"{way}/{name}", "microseconds": time, "ns/input": 1e3 * time / batch})
        print(f"{rows[-1]['name']:70} {time:12.1f} us", flush=True)
    return rows


def main():
    """Measures all shapes."""
    if not torch.cuda.is_available():
        print("no usable GPU for PyTorch")
        return 77
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.set_float32_matmul_precision("highest")
    torch.manual_seed(1)
    with torch.inference_mode():
        rows = [row for shape in SHAPES for row in measure(shape)]
    result = {
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "device": torch.cuda.get_device_name(0),
        "rows": rows,
    }
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#pragma once
// What a benchmark's JSON says of the run besides Google Benchmark's own lines.

namespace moe::bench {

/// Adds the command, the processor's model and the compiler to the JSON's context.
void add_context(int argc, char** argv);

} // namespace moe::bench

#pragma once
// What a figure of benchmarks reads: the JSON files that Google Benchmark left, as tables.

#include "plots/run_data.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// The benchmarks of one file (`text`; `name` stands in error messages), a row for each: the median
/// of its repetitions. Columns:
/// - name1, name2, ..: the plain parts of its name ("ours" and "float32" of "ours/float32/n:8");
/// - n: the parts that have a name, by that;
/// - real_time, cpu_time and every counter ("ns/input").
/// What a benchmark does not have is empty. Throws InputError for a text that is no such JSON, that
/// has no benchmark, or in which one failed.
[[nodiscard]] PlotTable benchmark_table(std::string_view text, const std::string& name);

/// The results of the benchmarks in a folder, read when asked for.
class BenchData {
  public:
    explicit BenchData(std::filesystem::path folder);

    /// Whether there is a <benchmark>.json.
    [[nodiscard]] bool has(std::string_view benchmark) const;
    /// Reads <benchmark>.json. Throws InputError if the file is missing (naming how to make it),
    /// and as benchmark_table does.
    [[nodiscard]] PlotTable table(std::string_view benchmark);
    /// "bench_forward 3f2a9c11, bench_routing 77aa0b2c": the files that were read and the leading
    /// digits of their XXH64, for the corner of the figure.
    [[nodiscard]] const std::string& source_label() const noexcept { return source_; }

  private:
    std::filesystem::path folder_;
    std::string source_;
    std::vector<std::string> read_;
};

} // namespace moe

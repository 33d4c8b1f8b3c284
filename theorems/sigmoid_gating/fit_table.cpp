#include "sigmoid_gating/fit_table.hpp"

#include "sigmoid_gating/fits.hpp"

#include "statistics/median_rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace sigmoid_gating {

CellFits::CellFits(const moe::Table& fits, std::string_view cell)
    : table_(&fits) {
    for (std::size_t row = 0; row < fits.rows(); ++row) {
        if (fits.text(row, "cell") == cell) rows_[fits.integer(row, "n")].push_back(row);
    }
    for (auto& [n, rows] : rows_) {
        std::ranges::sort(rows, {},
                          [&](std::size_t row) { return fits.integer(row, "repetition"); });
    }
}

std::vector<std::int64_t> CellFits::sizes() const {
    std::vector<std::int64_t> sizes;
    for (const auto& [n, rows] : rows_)
        sizes.push_back(n);
    return sizes;
}

std::vector<double> CellFits::values(std::int64_t n, std::string_view column) const {
    std::vector<double> values;
    for (const std::size_t row : rows_.at(n)) {
        values.push_back(table_->empty_at(row, column) ? std::numeric_limits<double>::infinity()
                                                       : table_->real(row, column));
    }
    return values;
}

double CellFits::median(std::int64_t n, std::string_view column) const {
    return moe::median(values(n, column));
}

std::vector<std::vector<double>> CellFits::values(const std::vector<std::int64_t>& sizes,
                                                  std::string_view column) const {
    std::vector<std::vector<double>> all;
    all.reserve(sizes.size());
    for (const std::int64_t n : sizes)
        all.push_back(values(n, column));
    return all;
}

std::int64_t CellFits::uncertified() const {
    std::int64_t count = 0;
    for (const auto& [n, rows] : rows_) {
        count += std::ranges::count_if(rows, [&](std::size_t row) {
            return table_->empty_at(row, "gain") || !(table_->real(row, "gain") >= least_gain);
        });
    }
    return count;
}

std::int64_t CellFits::rows() const noexcept {
    std::int64_t count = 0;
    for (const auto& [n, rows] : rows_)
        count += static_cast<std::int64_t>(rows.size());
    return count;
}

std::int64_t CellFits::retried() const {
    std::int64_t count = 0;
    for (const auto& [n, rows] : rows_) {
        count += std::ranges::count_if(
            rows, [&](std::size_t row) { return table_->integer(row, "rounds") > 1; });
    }
    return count;
}

std::int64_t CellFits::starts() const {
    std::int64_t count = 0;
    for (const auto& [n, rows] : rows_) {
        for (const std::size_t row : rows)
            count += table_->integer(row, "fits");
    }
    return count;
}

double CellFits::pattern_fraction(std::int64_t n) const {
    const auto& rows = rows_.at(n);
    const auto hits = std::ranges::count_if(
        rows, [&](std::size_t row) { return table_->boolean(row, "expected_pattern"); });
    return static_cast<double>(hits) / static_cast<double>(rows.size());
}

double CellFits::mean_gain(std::int64_t n) const {
    const std::vector<double> gains = values(n, "gain");
    return std::accumulate(gains.begin(), gains.end(), 0.0) / static_cast<double>(gains.size());
}

double CellFits::fraction_of(std::int64_t n, std::string_view pattern) const {
    const auto& rows = rows_.at(n);
    const auto hits = std::ranges::count_if(
        rows, [&](std::size_t row) { return table_->text(row, "pattern") == pattern; });
    return static_cast<double>(hits) / static_cast<double>(rows.size());
}

} // namespace sigmoid_gating
